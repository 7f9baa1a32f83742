import type { ObjectStore } from "./object-store.ts";

/** Objects per list operation of R2. */
const LISTED = 1000;

/** Wraps a store to count its operations as R2 bills them: a list counts once for a thousand objects. */
export function countCalls(store: ObjectStore): { store: ObjectStore; calls: () => number } {
  let calls = 0;
  const counted: ObjectStore = {
    ...store,
    head(key) {
      calls += 1;
      return store.head(key);
    },
    get(key, range) {
      calls += 1;
      return store.get(key, range);
    },
    getBytes(key, range) {
      calls += 1;
      return store.getBytes(key, range);
    },
    put(key, body, size, options) {
      // A conditional put looks for the key first.
      calls += options?.ifAbsent ? 2 : 1;
      return store.put(key, body, size, options);
    },
    async delete(...keys) {
      if (keys.length > 0) calls += Math.ceil(keys.length / LISTED);
      return store.delete(...keys);
    },
    async *list(prefix, after) {
      calls += 1;
      let listed = 0;
      for await (const object of store.list(prefix, after)) {
        if (listed > 0 && listed % LISTED === 0) calls += 1;
        listed += 1;
        yield object;
      }
    },
  };
  return { store: counted, calls: () => calls };
}
