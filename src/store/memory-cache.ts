import type { CacheStore } from "./cache-store.ts";

interface CachedValue {
  json: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** A build cache in memory, for the browser and for tests. */
export function memoryCache(now: () => number = Date.now): CacheStore {
  const values = new Map<string, CachedValue>();
  return {
    async get<T>(keys: readonly string[]): Promise<Map<string, T>> {
      const found = new Map<string, T>();
      for (const key of keys) {
        const value = values.get(key);
        if (value === undefined) continue;
        if (value.expires > now()) found.set(key, JSON.parse(value.json) as T);
        else values.delete(key);
      }
      return found;
    },
    async put(entries, ttlSeconds = Number.POSITIVE_INFINITY) {
      const expires = now() + ttlSeconds * 1000;
      for (const [key, value] of entries) values.set(key, { json: JSON.stringify(value), expires });
    },
  };
}
