import type { ObjectInfo } from "./object-store.ts";

type Info = ObjectInfo | undefined;

/**
 * Reads the infos of objects. Keys that are requested in one turn of the event loop share a request: a build reads many small
 * facts at the same time, and a request costs more than its answer.
 */
export class Heads {
  readonly #readAll: (keys: readonly string[]) => Promise<readonly (ObjectInfo | null)[]>;
  #waiting = new Map<string, PromiseWithResolvers<Info>>();

  /** @param readAll returns the infos of all keys, in their order, with null for an object that does not exist */
  constructor(readAll: (keys: readonly string[]) => Promise<readonly (ObjectInfo | null)[]>) {
    this.#readAll = readAll;
  }

  read(key: string): Promise<Info> {
    // In a Worker, all microtasks of a request run before those of another one, so requests do not wait for each other.
    if (this.#waiting.size === 0) queueMicrotask(() => void this.#send());
    const known = this.#waiting.get(key) ?? Promise.withResolvers<Info>();
    this.#waiting.set(key, known);
    return known.promise;
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    try {
      const infos = await this.#readAll([...waiting.keys()]);
      let index = 0;
      for (const { resolve } of waiting.values()) resolve(infos[index++] ?? undefined);
    } catch (error) {
      for (const { reject } of waiting.values()) reject(error);
    }
  }
}
