import { tableDigest } from "../../context/listing.ts";
import { packReader } from "../../context/pack-reader.ts";
import { ContextPackWriter } from "../../context/pack-writer.ts";
import { stretchesOf } from "../../context/place.ts";
import { saveContext } from "../../context/store.ts";
import { PackUsage } from "../../context/usage.ts";
import type { Place } from "../../rootfs/node-line.ts";
import { TableBuilder } from "../../rootfs/table-builder.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { type Reservation, unlimited } from "../../streams/memory-budget.ts";
import { sha256 } from "../../streams/sha256.ts";
import { inTurns } from "../../streams/turns.ts";

/** Stored file contents. */
export interface StoredFile {
  /** `sha256:<hex>`. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** A stored tree, and the name under which it can be opened again. */
export interface StoredTree {
  digest: string;
  tree: Tree;
}

/** Stores fetched files as one tree, like build contexts: contents in packs, entries as a listing. */
export class PackFiles {
  readonly #store: ObjectStore;
  readonly #writer: ContextPackWriter;
  readonly #contentsAt: ReturnType<typeof packReader>;
  /** Number of stored packs. */
  #stored = 0;

  /** @param memory for packs; unlimited by default */
  constructor(store: ObjectStore, memory: Reservation = unlimited) {
    this.#store = store;
    this.#writer = new ContextPackWriter(store, memory);
    this.#contentsAt = packReader(store, this.#writer.packs);
  }

  /** Stores contents; small contents may be bytes. Call sequentially; `read` may run concurrently. */
  async add(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredFile> {
    const { digest, size } =
      contents instanceof Uint8Array ? this.#writer.addBytes(contents) : await this.#writer.add(contents);
    await this.#writer.drain();
    return { digest, size };
  }

  /** Reads added contents, at any later time. */
  async *read({ digest, size }: StoredFile): AsyncGenerator<Uint8Array, void, undefined> {
    if (size === 0) return;
    const place = this.#placeOf(digest);
    const last = Math.max(...stretchesOf(place, size).map(({ pack }) => pack));
    if (last >= this.#stored) await this.#flush();
    yield* this.#contentsAt(place, size).read();
  }

  /** Stores the tree of these entries, in any order. The contents of each file must be added before or during the call. */
  async tree(nodes: AsyncIterable<Node>): Promise<StoredTree> {
    const builder = new TableBuilder();
    for await (const node of nodes) {
      if (node.digest === undefined || node.size === 0) builder.add(node);
      else builder.add(node, this.#placeOf(node.digest));
    }
    await this.#writer.flush();
    const tree = await inTurns(builder.finishInPieces(this.#contentsAt));
    const { packs } = this.#writer;
    const digest = nameOf(await inTurns(tableDigest(tree)), packs);
    const context = { digest, tree, packs, usage: await inTurns(PackUsage.of(tree)) };
    await saveContext(this.#store, context);
    return context;
  }

  async #flush(): Promise<void> {
    const { packs } = this.#writer;
    const flushed = this.#writer.flush();
    // The pack of a file that is being added remains open.
    const open = packs.indexOf(undefined);
    const closed = open < 0 ? packs.length : open;
    await flushed;
    this.#stored = closed;
  }

  #placeOf(digest: string): Place {
    const place = this.#writer.find(digest);
    if (place === undefined) throw new Error(`Cannot find ${digest}: it was not added`);
    return place;
  }
}

/**
 * The name of a fetched tree. Contains its packs, which may have further files, for example of a private repository: an equal
 * listing that a client sends, or that is fetched from elsewhere, must have another name, because a runner that may read a
 * context may read its packs.
 */
function nameOf(listing: string, packs: ContextPackWriter["packs"]): string {
  const parts = ["fetched", listing, ...packs.map((pack) => pack?.digest ?? "")];
  return sha256(new TextEncoder().encode(parts.join(" ")));
}
