import type { ObjectStore } from "./object-store.ts";

/** Limit for the stored bytes of all cached objects of an isolate. In memory they need two to three times as much. */
const MAX_BYTES = 6 * 1024 * 1024;
/** Much shorter than the time after which unreferenced objects are removed from a store. */
const MAX_AGE_MS = 5 * 60_000;

interface Cached {
  value: unknown;
  /** Stored bytes of the object. */
  size: number;
  until: number;
}

/** The cached objects of a store, in order of use. All kinds share one limit. */
class CachedObjects {
  readonly #objects = new Map<string, Cached>();
  #bytes = 0;

  get(key: string): Cached | undefined {
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
    if (size > MAX_BYTES) return;
    this.#add(key, { value, size, until: Date.now() + MAX_AGE_MS });
    for (const [oldest, object] of this.#objects) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#delete(oldest, object);
    }
  }

  #add(key: string, object: Cached): void {
    this.#objects.set(key, object);
    this.#bytes += object.size;
  }

  #delete(key: string, { size }: Cached): void {
    this.#objects.delete(key);
    this.#bytes -= size;
  }
}

const stores = new WeakMap<ObjectStore, CachedObjects>();

function objectsOf(store: ObjectStore): CachedObjects {
  const known = stores.get(store) ?? new CachedObjects();
  stores.set(store, known);
  return known;
}

let kinds = 0;

/** Caches decoded objects of one kind that were read or written recently. */
export class Recent<T> {
  readonly #kind = `${kinds++} `;

  /** The decoded object under a key and its stored size. Does not check that the object still exists. */
  get(store: ObjectStore, key: string): { value: T; size: number } | undefined {
    const known = objectsOf(store).get(this.#kind + key);
    return known && { value: known.value as T, size: known.size };
  }

  set(store: ObjectStore, key: string, value: T, size: number): void {
    objectsOf(store).set(this.#kind + key, value, size);
  }
}
