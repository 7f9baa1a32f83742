import type { ObjectStore } from "./object-store.ts";

/** Limit for the stored bytes of all cached objects. In memory they need two to three times as much. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Much shorter than the time after which unreferenced objects are removed from a store. */
const MAX_AGE_MS = 5 * 60_000;

interface Remembered<T> {
  value: T;
  /** Stored bytes of the object. */
  size: number;
  until: number;
}

/** Caches decoded objects that were read or written recently. */
export class Recent<T> {
  readonly #stores = new WeakMap<ObjectStore, Map<string, Remembered<T>>>();

  /** The decoded object under a key and its stored size. Does not check that the object still exists. */
  get(store: ObjectStore, key: string): { value: T; size: number } | undefined {
    const objects = this.#stores.get(store);
    const known = objects?.get(key);
    if (known === undefined) return undefined;
    objects?.delete(key);
    if (known.until <= Date.now()) return undefined;
    // Moves it to the end: the map is in order of use.
    objects?.set(key, known);
    return known;
  }

  set(store: ObjectStore, key: string, value: T, size: number): void {
    const objects = this.#stores.get(store) ?? new Map<string, Remembered<T>>();
    this.#stores.set(store, objects);
    objects.delete(key);
    objects.set(key, { value, size, until: Date.now() + MAX_AGE_MS });
    let bytes = 0;
    for (const one of objects.values()) bytes += one.size;
    for (const [oldest, one] of objects) {
      if (bytes <= MAX_BYTES) break;
      bytes -= one.size;
      objects.delete(oldest);
    }
  }
}
