import { TableBuilder } from "../rootfs/table-builder.ts";
import type { Node } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { inTurns } from "../streams/turns.ts";
import type { Context } from "./context.ts";
import type { KnownPacks } from "./known-packs.ts";
import { tableDigest } from "./listing.ts";
import { packReader } from "./pack-reader.ts";
import { type PackedContents, PackWriter } from "./pack-writer.ts";
import { Usage } from "./usage.ts";

export interface ContextBuilderOptions {
  /** Files that are stored already. Taken over. */
  base?: KnownPacks | undefined;
  /** Entries, implied directories included. Default 500,000. */
  maxEntries?: number | undefined;
}

/**
 * Makes a context of entries that come one by one, in any order, with their contents. A later entry of a name replaces
 * an earlier one, as when unpacking. Nothing refers to what was stored before `saveContext`.
 */
export class ContextBuilder {
  readonly #store: ObjectStore;
  readonly #writer: PackWriter;
  readonly #entries: TableBuilder;

  constructor(store: ObjectStore, { base, maxEntries = 500_000 }: ContextBuilderOptions = {}) {
    this.#store = store;
    this.#writer = new PackWriter(store, base);
    this.#entries = new TableBuilder({ most: maxEntries });
  }

  /** See `TableBuilder.work`. */
  get work(): number {
    return this.#entries.work;
  }

  /** Stores contents, unless they are known, and says what they are. One call at a time. */
  async store(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<PackedContents> {
    if (!(contents instanceof Uint8Array)) return this.#writer.add(contents);
    const packed = this.#writer.addBytes(contents);
    await this.#writer.drain();
    return packed;
  }

  /** Adds an entry; a file with what `store` said of its contents. Throws `EntryError`. */
  add(entry: Node, packed?: PackedContents): void {
    if (packed === undefined) this.#entries.add(entry);
    else this.#entries.add({ ...entry, digest: packed.digest, size: packed.size }, packed.place);
  }

  /** The context. Its packs are stored when this resolves. The builder is of no further use. */
  async finish(): Promise<Context> {
    await this.#writer.flush();
    const all = this.#writer.packs;
    const tree = await inTurns(this.#entries.finishing(packReader(this.#store, all)));
    const usage = await inTurns(Usage.of(tree));
    return { digest: await inTurns(tableDigest(tree)), tree, packs: usage.packsOf(all), usage };
  }
}
