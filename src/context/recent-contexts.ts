import type { ObjectStore } from "../store/object-store.ts";
import type { Context } from "./context.ts";

/** Bytes, as stored, of all contexts that are remembered for one store: in memory they take several times as much. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Milliseconds. What a context no longer names is removed much later than this. */
const LONGEST = 5 * 60_000;

interface Remembered {
  context: Context;
  /** Of the object, in bytes. */
  size: number;
  until: number;
}

const recent = new WeakMap<ObjectStore, Map<string, Remembered>>();

/** Remembers a context that was just read or stored: whoever builds from it next need not read it. */
export function remember(store: ObjectStore, key: string, context: Context, size: number): void {
  const contexts = recent.get(store) ?? new Map<string, Remembered>();
  recent.set(store, contexts);
  contexts.delete(key);
  if (size > MOST_BYTES) return;
  contexts.set(key, { context, size, until: Date.now() + LONGEST });
  let bytes = [...contexts.values()].reduce((sum, one) => sum + one.size, 0);
  for (const [oldest, one] of contexts) {
    if (bytes <= MOST_BYTES) break;
    bytes -= one.size;
    contexts.delete(oldest);
  }
}

/** The context under a key, if it is remembered and still stored. */
export async function recall(store: ObjectStore, key: string): Promise<Context | undefined> {
  const contexts = recent.get(store);
  const known = contexts?.get(key);
  if (known === undefined) return undefined;
  const isThere = known.until > Date.now() && (await store.head(key))?.size === known.size;
  if (isThere) return known.context;
  contexts?.delete(key);
  return undefined;
}
