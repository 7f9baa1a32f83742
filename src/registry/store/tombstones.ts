import type { ObjectStore } from "../../store/object-store.ts";

const PREFIX = "condemned/";
/** Milliseconds between two looks, and looks. */
const PAUSE = 100;
const LOOKS = 300;

/**
 * Objects that are about to be removed because nothing refers to them. Who refers to one from now on is either seen by
 * the removal, which looks for references after it has condemned, or sees that it is condemned, because he looks after
 * he has referred: so nothing is removed under somebody's hands.
 */
export class Condemned {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async add(key: string): Promise<void> {
    await this.#store.put(PREFIX + key, new Uint8Array(), 0);
  }

  async drop(...keys: readonly string[]): Promise<void> {
    await this.#store.delete(...keys.map((key) => PREFIX + key));
  }

  /** For those who take up what they have not put themselves: whether it may go in the next moment. */
  async has(key: string): Promise<boolean> {
    return (await this.#store.head(PREFIX + key)) !== undefined;
  }

  /** Resolves when it is decided whether the object stays: call it after having referred to it, then look for it. */
  async settled(key: string): Promise<void> {
    for (let looks = 0; looks < LOOKS && (await this.has(key)); looks++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** Everything that is condemned, or what of it has keys with a prefix. */
  async *keys(prefix = ""): AsyncGenerator<string, void, undefined> {
    for await (const { key } of this.#store.list(PREFIX + prefix)) yield key.slice(PREFIX.length);
  }
}
