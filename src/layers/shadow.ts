import { decompress } from "../compression/decompress.ts";
import { blobKey } from "../oci/content-key.ts";
import { BlockContents } from "../rootfs/block-contents.ts";
import type { Contents } from "../rootfs/tree.ts";
import { BlockPacker } from "../store/block-packer.ts";
import { BlockReader } from "../store/block-reader.ts";
import { BlockList } from "../store/blocks.ts";
import { decodeFramed, encodeFramed } from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { chunks } from "../streams/chunks.ts";
import { concat } from "../streams/concat.ts";
import { readTar } from "../tar/read.ts";
import { LAYER_LIMITS } from "./limits.ts";

const KIND = "shadow index";
const VERSION = 1;

/**
 * The contents of all files of a layer that is compressed as one stream, in archive order, as blocks that can be read
 * separately. Created from the blob on the first read of a file, in one pass, and stored.
 */
export class Shadow {
  readonly #store: ObjectStore;
  readonly #digest: string;
  readonly #reader: BlockReader;
  #list: Promise<BlockList> | undefined;

  /** @param digest of the layer */
  constructor(store: ObjectStore, digest: string) {
    this.#store = store;
    this.#digest = digest;
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
    const key = `shadows/${this.#digest.slice(this.#digest.indexOf(":") + 1)}`;
    const stored = await this.#store.getBytes(`${key}.index`);
    const lengths = stored === undefined ? await this.#make(key) : readIndex(stored);
    return new BlockList(key, "zstd", lengths);
  }

  async #make(key: string): Promise<[number, number][]> {
    const stream = await this.#store.get(blobKey(this.#digest));
    if (stream === undefined) throw new Error(`Cannot read layer ${this.#digest}: its blob is not stored`);
    const { body } = await decompress(chunks(stream), LAYER_LIMITS);
    const writer = await this.#store.create(key);
    const packer = new BlockPacker();
    const writeReady = async () => {
      for (const block of packer.take()) await writer.write(block);
    };
    try {
      for await (const { entry, body: contents, bytes } of readTar(body, LAYER_LIMITS)) {
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
    await this.#store.put(`${key}.index`, index, index.length);
    return packer.lengths;
  }
}

function readIndex(bytes: Uint8Array): [number, number][] {
  return decodeFramed<{ blocks: [number, number][] }>(bytes, KIND, VERSION).header.blocks;
}
