import { BlockContents } from "../rootfs/block-contents.ts";
import type { Contents } from "../rootfs/tree.ts";
import { BlockPacker } from "../store/block-packer.ts";
import { BlockReader } from "../store/block-reader.ts";
import { BlockList } from "../store/blocks.ts";
import { decodeFramed, encodeFramed } from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { concat } from "../streams/concat.ts";
import { hexOf } from "../streams/sha256.ts";
import { readTar } from "../tar/read.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { makeElsewhere } from "./foreign-workers.ts";
import { openTar } from "./layer-tar.ts";
import { LAYER_LIMITS } from "./limits.ts";

const KIND = "shadow index";
const VERSION = 1;

/**
 * The contents of all files of a layer that is compressed as one stream, in archive order, as blocks that can be read
 * separately. Created from the blob on the first read of a file, in one pass, and stored.
 */
export class Shadow {
  readonly #store: ObjectStore;
  readonly #layer: ForeignLayer;
  readonly #reader: BlockReader;
  #list: Promise<BlockList> | undefined;

  constructor(store: ObjectStore, layer: ForeignLayer) {
    this.#store = store;
    this.#layer = layer;
    this.#reader = new BlockReader(store);
  }

  /** The contents of `size` bytes at an offset in the contents of all files. */
  contents(at: number, size: number): Contents {
    const open = () => this.#open();
    const contentsIn = (list: BlockList) => new BlockContents(this.#reader, list, at, size);
    return {
      size,
      part: (offset, length) => this.contents(at + offset, length),
      stored: async () => [{ list: await open(), at, size }],
      async *read() {
        if (size > 0) yield* contentsIn(await open()).read();
      },
      prefetch() {
        // Readers receive a failure.
        open().then(
          (list) => contentsIn(list).prefetch(),
          () => {},
        );
      },
    };
  }

  #open(): Promise<BlockList> {
    if (this.#list === undefined) {
      this.#list = this.#openOrMake();
      // The next call tries again.
      this.#list.catch(() => {
        this.#list = undefined;
      });
    }
    return this.#list;
  }

  async #openOrMake(): Promise<BlockList> {
    const { digest } = this.#layer;
    const key = shadowKey(digest);
    return new BlockList(key, "zstd", (await this.#index(key)) ?? (await this.#make(key)));
  }

  async #make(key: string): Promise<Lengths> {
    const { digest } = this.#layer;
    if (!(await makeElsewhere(this.#store, this.#layer, "shadow")))
      return storeShadow(this.#store, digest, await openTar(this.#store, digest));
    const lengths = await this.#index(key);
    if (lengths === undefined) throw new Error(`Cannot read layer ${digest}: its shadow was deleted`);
    return lengths;
  }

  async #index(key: string): Promise<Lengths | undefined> {
    const stored = await this.#store.getBytes(`${key}.index`);
    return stored && decodeFramed<{ blocks: Lengths }>(stored, KIND, VERSION).header.blocks;
  }
}

/** Stored and uncompressed bytes of each block. */
type Lengths = [number, number][];

function shadowKey(digest: string): string {
  return `shadows/${hexOf(digest)}`;
}

/** Reads the tar of a layer, and stores the shadow. */
export async function storeShadow(
  store: ObjectStore,
  digest: string,
  tar: AsyncIterable<Uint8Array>,
): Promise<Lengths> {
  const key = shadowKey(digest);
  const writer = await store.create(key);
  const packer = new BlockPacker();
  const writeReady = async () => {
    for (const block of packer.take()) await writer.write(block);
  };
  try {
    for await (const { entry, body: contents, bytes } of readTar(tar, LAYER_LIMITS)) {
      if (entry.type !== "file") continue;
      if (bytes !== undefined) {
        packer.add(bytes);
      } else {
        for await (const chunk of contents) {
          packer.add(chunk);
          if (packer.readyBytes > 0) await writeReady();
        }
      }
      if (packer.readyBytes > 0) await writeReady();
    }
    packer.flush();
    await writeReady();
    await writer.complete();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const index = concat(encodeFramed(KIND, VERSION, { blocks: packer.lengths }, []));
  await store.put(`${key}.index`, index, index.length);
  return packer.lengths;
}
