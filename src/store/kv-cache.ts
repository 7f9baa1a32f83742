import type { CacheStore } from "./cache-store.ts";
import { forEachConcurrently } from "./for-each-concurrently.ts";
import { backoff, type Clock, refusalOf, systemClock, withStoreRetries } from "./retry.ts";

/** Limits of KV for one call. */
const KEYS_PER_GET = 100;
/** Minimum that KV accepts, in seconds. */
const MIN_TTL = 60;
/** Seconds after which a record expires, unless it is written again. */
const DEFAULT_TTL = 90 * 24 * 60 * 60;

/**
 * Rejected writes that will be retried, by key. KV accepts one write per second and key, so only the last of several values
 * is written. One map per isolate, without promises, because requests of a Worker must not wait for each other.
 */
const waiting = new Map<string, object>();

/** The build cache in Workers KV. */
export function kvCache(namespace: KVNamespace, clock: Clock = systemClock): CacheStore {
  const read = async <T>(keys: string[]): Promise<ReadonlyMap<string, T | null>> => {
    try {
      return await namespace.get<T>(keys, "json");
    } catch (error) {
      // A second attempt may be faster than executing the step again. Further attempts are not.
      if (refusalOf(error) === undefined) report("read", keys[0], error);
      return namespace.get<T>(keys, "json").catch(() => new Map());
    }
  };

  return {
    async get<T>(keys: readonly string[]): Promise<Map<string, T>> {
      const unique = [...new Set(keys)];
      const batches: string[][] = [];
      for (let i = 0; i < unique.length; i += KEYS_PER_GET) batches.push(unique.slice(i, i + KEYS_PER_GET));
      const answers = await Promise.all(batches.map((batch) => read<T>(batch)));
      const found = new Map<string, T>();
      for (const answer of answers) {
        for (const [key, value] of answer) {
          if (value !== null) found.set(key, value);
        }
      }
      return found;
    },

    async put(values, ttlSeconds) {
      const options = { expirationTtl: Math.max(MIN_TTL, Math.ceil(ttlSeconds ?? DEFAULT_TTL)) };
      const writeLater = async (key: string, text: string) => {
        const own = {};
        waiting.set(key, own);
        const attempt = async () => {
          if (waiting.get(key) === own) await namespace.put(key, text, options);
        };
        await clock.sleep(backoff("busy", 1, clock.random()));
        await withStoreRetries(`write "${key}"`, attempt, clock).catch((error) =>
          report("write", key, error),
        );
        if (waiting.get(key) === own) waiting.delete(key);
      };
      await forEachConcurrently(values, async ([key, value]) => {
        const text = JSON.stringify(value);
        waiting.delete(key);
        try {
          await namespace.put(key, text, options);
        } catch (error) {
          if (refusalOf(error) === undefined) report("write", key, error);
          else void writeLater(key, text);
        }
      });
    },
  };
}

function report(doing: "read" | "write", key: string | undefined, error: unknown): void {
  console.warn(
    `Cannot ${doing} "${key}" of the build cache: ${error instanceof Error ? error.message : error}`,
  );
}
