/**
 * The build cache: KV when deployed. It may lose values, reject requests and return outdated values, so correctness must
 * not depend on it.
 */
export interface CacheStore {
  /** Values by key, without keys that are unknown or cannot be read. Accepts any number of keys and reads them in bulk. */
  get<T>(keys: readonly string[]): Promise<Map<string, T>>;
  /**
   * Stores JSON values. Best effort: never rejects. Resolves after the first attempt; rejected writes are retried later, as
   * long as the instance exists. Of several rejected values for a key, only the last is written.
   */
  put(values: ReadonlyMap<string, unknown>, ttlSeconds?: number): Promise<void>;
}
