import type { ObjectStore } from "../store/object-store.ts";

/** Storage prefix of first results. */
export const FIRSTS = "firsts/";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Stores the first of several results that differ only in times. All builds on a server use it, so that equal inputs give
 * the same digest even when two builds run at once or the build cache has lost the result. A conditional PUT decides which
 * result is the first.
 */
export class FirstResults<T> {
  readonly #store: ObjectStore;
  readonly #isUsable: (result: T) => Promise<boolean>;

  /**
   * @param isUsable whether everything that a result refers to is still stored; otherwise the next result replaces it
   */
  constructor(store: ObjectStore, isUsable: (result: T) => Promise<boolean>) {
    this.#store = store;
    this.#isUsable = isUsable;
  }

  /** @param name hex digest of everything but the times */
  async find(name: string): Promise<T | undefined> {
    const key = FIRSTS + name;
    const bytes = await this.#store.getBytes(key);
    if (bytes === undefined) return undefined;
    const result = JSON.parse(new TextDecoder().decode(bytes)) as T;
    if (!(await this.#isUsable(result))) return undefined;
    await this.#touch(key, bytes);
    return result;
  }

  /** Returns the first result of this name, storing `own` when there is none. @param own plain data */
  async claim(name: string, own: T): Promise<T> {
    const bytes = new TextEncoder().encode(JSON.stringify(own));
    if (await this.#store.put(FIRSTS + name, bytes, bytes.length, { ifAbsent: true })) return own;
    const first = await this.find(name);
    if (first === undefined) await this.replace(name, own);
    return first ?? own;
  }

  /** Replaces the first result. */
  async replace(name: string, own: T): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(own));
    await this.#store.put(FIRSTS + name, bytes, bytes.length);
  }

  /** Refreshes the age that garbage collection goes by. */
  async #touch(key: string, bytes: Uint8Array): Promise<void> {
    const info = await this.#store.head(key);
    if (info === undefined || Date.now() - info.uploaded < DAY_MS) return;
    await this.#store.put(key, bytes, bytes.length);
  }
}
