/**
 * The build cache: KV when deployed. It may forget, lag and answer from the past, so nothing that must be right
 * lives here.
 */
export interface CacheStore {
  /** Values of those keys that are known. Any number of keys, asked in bulk. */
  get<T>(keys: readonly string[]): Promise<Map<string, T>>;
  /** Stores JSON values. */
  put(values: ReadonlyMap<string, unknown>, ttlSeconds?: number): Promise<void>;
}
