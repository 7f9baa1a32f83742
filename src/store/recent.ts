import type { ObjectStore } from "./object-store.ts";

/** Bytes of all remembered objects of an isolate, as stored: in memory they take two to three times as much. */
const MOST_BYTES = 6 * 1024 * 1024;
/** Milliseconds. What nothing refers to is removed from a store much later than this. */
const LONGEST = 5 * 60_000;

interface Remembered {
  value: unknown;
  /** Of the object, in bytes. */
  size: number;
  until: number;
}

/** The remembered objects of a store: those that were used last are at the end. All kinds share one limit. */
class RememberedObjects {
  readonly #objects = new Map<string, Remembered>();
  #bytes = 0;

  get(key: string): Remembered | undefined {
    const known = this.#objects.get(key);
    if (known === undefined) return undefined;
    this.#delete(key, known);
    if (known.until <= Date.now()) return undefined;
    this.#add(key, known);
    return known;
  }

  set(key: string, value: unknown, size: number): void {
    const known = this.#objects.get(key);
    if (known !== undefined) this.#delete(key, known);
    if (size > MOST_BYTES) return;
    this.#add(key, { value, size, until: Date.now() + LONGEST });
    for (const [oldest, object] of this.#objects) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#delete(oldest, object);
    }
  }

  #add(key: string, object: Remembered): void {
    this.#objects.set(key, object);
    this.#bytes += object.size;
  }

  #delete(key: string, { size }: Remembered): void {
    this.#objects.delete(key);
    this.#bytes -= size;
  }
}

const stores = new WeakMap<ObjectStore, RememberedObjects>();

function objectsOf(store: ObjectStore): RememberedObjects {
  const known = stores.get(store) ?? new RememberedObjects();
  stores.set(store, known);
  return known;
}

let kinds = 0;

/** Objects of one kind that were decoded or stored a moment ago, so that the next reader need not decode them again. */
export class Recent<T> {
  readonly #kind = `${kinds++} `;

  /** The decoded object of a key, and its size as stored. Does not check whether it is still stored. */
  get(store: ObjectStore, key: string): { value: T; size: number } | undefined {
    const known = objectsOf(store).get(this.#kind + key);
    return known && { value: known.value as T, size: known.size };
  }

  set(store: ObjectStore, key: string, value: T, size: number): void {
    objectsOf(store).set(this.#kind + key, value, size);
  }
}
