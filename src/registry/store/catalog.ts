import type { ObjectStore } from "../../store/object-store.ts";
import type { Page } from "../server/request.ts";

/** Names in one answer when the client names no number. */
const DEFAULT_NAMES = 10_000;

const PREFIX = "catalog/";

/** The repositories that anything was ever put into; one empty object each, so that they list in order. */
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

  /** Names in byte order. */
  async *names(last = ""): AsyncGenerator<string, void, undefined> {
    for await (const { key } of this.#store.list(PREFIX, last === "" ? undefined : PREFIX + last)) {
      yield key.slice(PREFIX.length);
    }
  }

  /** @param canPull of which names are told */
  async page(
    { n = DEFAULT_NAMES, last }: Page,
    canPull: (name: string) => boolean = () => true,
  ): Promise<{ names: string[]; more: boolean }> {
    const most = Math.min(n, DEFAULT_NAMES);
    const names: string[] = [];
    if (most === 0) return { names, more: false };
    for await (const name of this.names(last)) {
      if (!canPull(name)) continue;
      if (names.length === most) return { names, more: true };
      names.push(name);
    }
    return { names, more: false };
  }
}
