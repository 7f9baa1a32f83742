import { TableBuilder } from "../rootfs/table-builder.ts";
import type { Node } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { type Reservation, unlimited } from "../streams/memory-budget.ts";
import { inTurns } from "../streams/turns.ts";
import type { Context } from "./context.ts";
import type { KnownPacks } from "./known-packs.ts";
import { tableDigest } from "./listing.ts";
import { packReader } from "./pack-reader.ts";
import { ContextPackWriter, type PackedContents } from "./pack-writer.ts";
import { PackUsage } from "./usage.ts";

interface ContextBuilderOptions {
  /** For packs. Unlimited by default. */
  memory?: Reservation;
  /** Files that are already stored. The builder takes ownership. */
  base?: KnownPacks | undefined;
  /** Maximum number of entries, including implied directories. Default 500,000. */
  maxEntries?: number | undefined;
}

/**
 * Builds a context from entries and their contents, in any order. A later entry replaces an earlier one of the same
 * name, as when unpacking. What is stored is unreferenced until `saveContext`.
 */
export class ContextBuilder {
  readonly #store: ObjectStore;
  readonly #writer: ContextPackWriter;
  readonly #entries: TableBuilder;

  constructor(
    store: ObjectStore,
    { memory = unlimited, base, maxEntries = 500_000 }: ContextBuilderOptions = {},
  ) {
    this.#store = store;
    this.#writer = new ContextPackWriter(store, memory, base);
    this.#entries = new TableBuilder({ maxEntries });
  }

  /** See `TableBuilder.work`. */
  get work(): number {
    return this.#entries.work;
  }

  /** Stores contents, unless they are known, and returns their digest and place. Call sequentially. */
  async store(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<PackedContents> {
    if (!(contents instanceof Uint8Array)) return this.#writer.add(contents);
    const packed = this.#writer.addBytes(contents);
    await this.#writer.drain();
    return packed;
  }

  /** Adds an entry; for a file, with the result of `store`. @throws {EntryError} */
  add(entry: Node, packed?: PackedContents): void {
    if (packed === undefined) this.#entries.add(entry);
    else this.#entries.add({ ...entry, digest: packed.digest, size: packed.size }, packed.place);
  }

  /** Returns the context, with all its packs stored. The builder cannot be used afterwards. */
  async finish(): Promise<Context> {
    await this.#writer.flush();
    const all = this.#writer.packs;
    const tree = await inTurns(this.#entries.finishInPieces(packReader(this.#store, all)));
    const usage = await inTurns(PackUsage.of(tree));
    return { digest: await inTurns(tableDigest(tree)), tree, packs: usage.packsOf(all), usage };
  }
}
