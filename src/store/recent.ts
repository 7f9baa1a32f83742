import { isolateMemory } from "../streams/memory-budget.ts";
import type { ObjectStore } from "./object-store.ts";

/** Limit for the memory of all cached objects of an isolate, in bytes. */
const MAX_BYTES = 20 * 1024 * 1024;
/** Much shorter than the time after which unreferenced objects are removed from a store. */
const MAX_AGE_MS = 5 * 60_000;

interface Cached {
  value: unknown;
  /** Stored bytes of the object. */
  size: number;
  /** Bytes of the value in memory. */
  memory: number;
  until: number;
}

/** The cached objects of an isolate, in order of use. All stores and kinds share one limit. */
class CachedObjects {
  readonly #objects = new Map<string, Cached>();
  bytes = 0;

  get(key: string): Cached | undefined {
    const known = this.#objects.get(key);
    if (known === undefined) return undefined;
    this.#delete(key, known);
    if (known.until <= Date.now()) return undefined;
    this.#add(key, known);
    return known;
  }

  set(key: string, value: unknown, size: number, memory: number): void {
    const known = this.#objects.get(key);
    if (known !== undefined) this.#delete(key, known);
    const maxBytes = Math.min(MAX_BYTES, isolateMemory.total - isolateMemory.used);
    if (memory > maxBytes) return;
    this.#add(key, { value, size, memory, until: Date.now() + MAX_AGE_MS });
    this.shrink(this.bytes - maxBytes);
  }

  shrink(bytes: number): void {
    const goal = this.bytes - bytes;
    for (const [oldest, object] of this.#objects) {
      if (this.bytes <= goal) break;
      this.#delete(oldest, object);
    }
  }

  #add(key: string, object: Cached): void {
    this.#objects.set(key, object);
    this.bytes += object.memory;
  }

  #delete(key: string, { memory }: Cached): void {
    this.#objects.delete(key);
    this.bytes -= memory;
  }
}

const objects = new CachedObjects();
isolateMemory.attach(objects);

const names = new WeakMap<ObjectStore, number>();
let stores = 0;

function nameOf(store: ObjectStore): number {
  const known = names.get(store) ?? stores++;
  names.set(store, known);
  return known;
}

let kinds = 0;

/** Caches decoded objects of one kind that were read or written recently. */
export class Recent<T> {
  readonly #kind = kinds++;

  /** The decoded object under a key and its stored size. Does not check that the object still exists. */
  get(store: ObjectStore, key: string): { value: T; size: number } | undefined {
    const known = objects.get(this.#keyOf(store, key));
    return known && { value: known.value as T, size: known.size };
  }

  /** @param memory bytes of the value in memory */
  set(store: ObjectStore, key: string, value: T, { size, memory }: { size: number; memory: number }): void {
    objects.set(this.#keyOf(store, key), value, size, memory);
  }

  #keyOf(store: ObjectStore, key: string): string {
    return `${nameOf(store)} ${this.#kind} ${key}`;
  }
}
