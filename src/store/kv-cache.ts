import type { CacheStore } from "./cache-store.ts";

/** What KV gives in one call. */
const KEYS_PER_GET = 100;
/** A Worker has six connections; more puts at once would only wait. */
const PUTS_AT_ONCE = 6;
/** KV refuses anything shorter. */
const SHORTEST_TTL = 60;

/** The build cache in Workers KV. */
export function kvCache(namespace: KVNamespace): CacheStore {
  return {
    async get<T>(keys: readonly string[]): Promise<Map<string, T>> {
      const unique = [...new Set(keys)];
      const batches: string[][] = [];
      for (let i = 0; i < unique.length; i += KEYS_PER_GET) batches.push(unique.slice(i, i + KEYS_PER_GET));
      const answers = await Promise.all(batches.map((batch) => namespace.get<T>(batch, "json")));
      const found = new Map<string, T>();
      for (const answer of answers) {
        for (const [key, value] of answer) {
          if (value !== null) found.set(key, value);
        }
      }
      return found;
    },

    async put(values, ttlSeconds) {
      const options =
        ttlSeconds === undefined ? {} : { expirationTtl: Math.max(SHORTEST_TTL, Math.ceil(ttlSeconds)) };
      const queue = values.entries();
      const putAll = async () => {
        // All of them draw from the one iterator.
        for (const [key, value] of queue) await namespace.put(key, JSON.stringify(value), options);
      };
      await Promise.all(Array.from({ length: PUTS_AT_ONCE }, putAll));
    },
  };
}
