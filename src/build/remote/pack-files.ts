import { KnownFiles } from "../../context/known-files.ts";
import { listingDigest } from "../../context/listing.ts";
import { packReader } from "../../context/pack-reader.ts";
import { PackWriter } from "../../context/pack-writer.ts";
import { stretchesOf } from "../../context/place.ts";
import { saveContext } from "../../context/store.ts";
import type { Place } from "../../rootfs/node-line.ts";
import { TableBuilder } from "../../rootfs/table-builder.ts";
import type { Node } from "../../rootfs/tree.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { concat } from "../../streams/concat.ts";
import type { FileStore, StoredFile, StoredTree } from "./file-store.ts";

/** Contents up to this are put together with others. */
const SMALL = 1 << 20;
/** Empty files have no place. */
const NOWHERE: Place = 0;

/** Keeps what is fetched as build contexts are kept: contents in packs, entries as a listing. */
export class PackFiles implements FileStore {
  readonly #store: ObjectStore;
  readonly #writer: PackWriter;
  readonly #places = new KnownFiles();
  readonly #contentsAt: ReturnType<typeof packReader>;
  /** Packs below this number are in the store. */
  #stored = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#writer = new PackWriter(store);
    this.#contentsAt = packReader(store, this.#writer.packs);
  }

  async add(contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredFile> {
    const { bytes, rest } = contents instanceof Uint8Array ? { bytes: contents } : await begin(contents);
    const { digest, size, place } =
      rest === undefined ? this.#writer.addBytes(bytes) : await this.#writer.add(rest);
    this.#places.add(digest, place ?? NOWHERE);
    await this.#writer.drain();
    return { digest, size };
  }

  async *read({ digest, size }: StoredFile): AsyncGenerator<Uint8Array, void, undefined> {
    if (size === 0) return;
    const place = this.#placeOf(digest);
    const last = Math.max(...stretchesOf(place, size).map(({ pack }) => pack));
    if (last >= this.#stored) {
      const begun = this.#writer.packs.length;
      await this.#writer.flush();
      this.#stored = begun;
    }
    yield* this.#contentsAt(place, size).read();
  }

  async tree(nodes: AsyncIterable<Node>): Promise<StoredTree> {
    const builder = new TableBuilder();
    for await (const node of nodes) {
      if (node.digest === undefined || node.size === 0) builder.add(node);
      else builder.add(node, this.#placeOf(node.digest));
    }
    await this.#writer.flush();
    const tree = builder.finish(this.#contentsAt);
    const context = { digest: listingDigest(tree), tree, packs: this.#writer.packs };
    await saveContext(this.#store, context);
    return context;
  }

  #placeOf(digest: string): Place {
    const place = this.#places.find(digest);
    if (place === undefined) throw new Error(`Cannot find ${digest}: it was not added`);
    return place;
  }
}

/** The whole of contents that are small; otherwise a beginning and everything, the beginning included. */
async function begin(
  contents: AsyncIterable<Uint8Array>,
): Promise<{ bytes: Uint8Array; rest?: AsyncIterable<Uint8Array> }> {
  const iterator = contents[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size <= SMALL) {
    const { value, done } = await iterator.next();
    if (done) return { bytes: concat(parts) };
    parts.push(value);
    size += value.length;
  }
  const bytes = concat(parts);
  return { bytes, rest: continued(bytes, iterator) };
}

async function* continued(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => iterator };
}
