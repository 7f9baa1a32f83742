import type { ObjectStore } from "../../store/object-store.ts";

const PREFIX = "catalog/";

/** Names of all repositories with contents. Each is the key of an empty object, so that the store lists them in order. */
export class Catalog {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async add(name: string): Promise<void> {
    await this.#store.put(PREFIX + name, new Uint8Array(), 0, { ifAbsent: true });
  }

  async has(name: string): Promise<boolean> {
    return (await this.#store.head(PREFIX + name)) !== undefined;
  }

  async remove(name: string): Promise<void> {
    await this.#store.delete(PREFIX + name);
  }

  /** Names in byte order, starting after `after`. */
  async *names(after = ""): AsyncGenerator<string, void, undefined> {
    for await (const { key } of this.#store.list(PREFIX, after === "" ? undefined : PREFIX + after)) {
      yield key.slice(PREFIX.length);
    }
  }
}
