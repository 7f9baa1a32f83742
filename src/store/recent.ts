import type { ObjectStore } from "./object-store.ts";

/** Bytes of all objects, as stored, that one kind of them may have: in memory they take two to three times as much. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Milliseconds. What nothing refers to is removed from a store much later than this. */
const LONGEST = 5 * 60_000;

interface Remembered<T> {
  value: T;
  /** Of the object, in bytes. */
  size: number;
  until: number;
}

/** What was read of objects a moment ago, or made to be stored: whoever needs it next need not decode it again. */
export class Recent<T> {
  readonly #stores = new WeakMap<ObjectStore, Map<string, Remembered<T>>>();

  /** What the object under a key is, and how many bytes it has; whether it is still there is not asked. */
  get(store: ObjectStore, key: string): { value: T; size: number } | undefined {
    const objects = this.#stores.get(store);
    const known = objects?.get(key);
    if (known === undefined) return undefined;
    objects?.delete(key);
    if (known.until <= Date.now()) return undefined;
    // The last one in the map is the last one used.
    objects?.set(key, known);
    return known;
  }

  set(store: ObjectStore, key: string, value: T, size: number): void {
    const objects = this.#stores.get(store) ?? new Map<string, Remembered<T>>();
    this.#stores.set(store, objects);
    objects.delete(key);
    objects.set(key, { value, size, until: Date.now() + LONGEST });
    let bytes = 0;
    for (const one of objects.values()) bytes += one.size;
    for (const [oldest, one] of objects) {
      if (bytes <= MOST_BYTES) break;
      bytes -= one.size;
      objects.delete(oldest);
    }
  }
}
