/**
 * The build cache: KV when deployed. It may forget, refuse, lag and return outdated values, so nothing depends on it.
 */
export interface CacheStore {
  /** Values of those keys that are known. Any number of keys, requested in bulk. Keys that cannot be read are not known. */
  get<T>(keys: readonly string[]): Promise<Map<string, T>>;
  /**
   * Stores JSON values, best effort: never rejects. Resolves after the first attempt; what is refused is written later, while
   * the instance exists. Of several refused values for a key, only the last is written.
   */
  put(values: ReadonlyMap<string, unknown>, ttlSeconds?: number): Promise<void>;
}
