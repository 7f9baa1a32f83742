import type { Place } from "../rootfs/node-line.ts";
import { BlockPacker } from "../store/block-packer.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { collect } from "../streams/collect.ts";
import { concat } from "../streams/concat.ts";
import { Digester, sha256 } from "../streams/sha256.ts";
import { KnownFiles } from "./known-files.ts";
import { encodePack, type Pack, type PackedFile, packKey } from "./pack.ts";
import { placeOf, type Stretch } from "./place.ts";

/** Compressed bytes at which a pack is closed, and bytes of data. */
const PACK = 8 * 1024 * 1024;
const PACK_DATA = 256 * 1024 * 1024;
/** Files up to this are held in memory, so that one which is there already is seen before it is packed. */
const WHOLE = 4 * 1024 * 1024;

export interface PackedContents {
  digest: string;
  /** Bytes. */
  size: number;
  /** Undefined for no bytes. */
  place: Place | undefined;
}

/** Files that lie in packs: what a writer may refer to instead of storing it again. */
export interface KnownPacks {
  packs: readonly (Pack | undefined)[];
  files: Iterable<{ digest: string; place: Place }>;
}

/**
 * Puts contents of files into packs: small ones together, each once; a large one into packs of its own, cut from its
 * own start, so that the same file makes the same packs. One pack of each sort is being filled and one is on its way
 * to the store while the next is made. One call at a time.
 */
export class PackWriter {
  readonly #store: ObjectStore;
  readonly #known = new KnownFiles();
  /** By number. Undefined as long as the pack is not closed. */
  readonly packs: (Pack | undefined)[] = [];
  #small: OpenPack | undefined;
  /** The put before the last. */
  #previous: Promise<void> = Promise.resolve();
  #putting: Promise<void> = Promise.resolve();
  /** Bytes of packs that were not in the store before. */
  newBytes = 0;

  constructor(store: ObjectStore, base?: KnownPacks) {
    this.#store = store;
    if (base === undefined) return;
    this.packs.push(...base.packs);
    for (const { digest, place } of base.files) this.#known.add(digest, place);
  }

  /** Contents that are at hand. `drain` must be awaited before the next call. */
  addBytes(bytes: Uint8Array): PackedContents {
    const digest = sha256(bytes);
    const size = bytes.length;
    if (size === 0) return { digest, size, place: undefined };
    const known = this.#known.find(digest);
    if (known !== undefined) return { digest, size, place: known };
    if (this.#small?.isFull) this.#close(this.#small);
    this.#small ??= this.#open();
    const { number, packer, files } = this.#small;
    const place = placeOf([{ pack: number, at: packer.size, size }]);
    packer.add(bytes);
    files.push([digest.slice(7), size]);
    this.#known.add(digest, place);
    return { digest, size, place };
  }

  /** Contents of a size that is known beforehand. */
  async add(contents: AsyncIterable<Uint8Array>, size: number): Promise<PackedContents> {
    if (size <= WHOLE) {
      const packed = this.addBytes(await collect(contents, size));
      await this.drain();
      return packed;
    }
    return this.#addLarge(contents);
  }

  /** Waits until there is room for more. Throws when a pack could not be stored. */
  drain(): Promise<void> {
    return this.#previous;
  }

  /** Everything added so far is in closed packs, and stored. */
  async flush(): Promise<void> {
    if (this.#small !== undefined) this.#close(this.#small);
    await this.#previous;
    await this.#putting;
  }

  async #addLarge(contents: AsyncIterable<Uint8Array>): Promise<PackedContents> {
    const digester = new Digester();
    const stretches: Stretch[] = [];
    let size = 0;
    let open: OpenPack | undefined;
    const close = async () => {
      if (open === undefined) return;
      stretches.push({ pack: open.number, at: 0, size: open.packer.size });
      this.#close(open);
      open = undefined;
      await this.drain();
    };
    for await (const chunk of contents) {
      digester.update(chunk);
      size += chunk.length;
      // Block by block, so that where a pack ends does not depend on how the contents came.
      for (let at = 0; at < chunk.length; ) {
        open ??= this.#open();
        const part = chunk.subarray(at, at + open.packer.room);
        open.packer.add(part);
        at += part.length;
        if (open.isFull) await close();
      }
    }
    await close();
    const digest = digester.digest();
    const known = this.#known.find(digest);
    if (known !== undefined) return { digest, size, place: known };
    const place = placeOf(stretches);
    this.#known.add(digest, place);
    return { digest, size, place };
  }

  #open(): OpenPack {
    return new OpenPack(this.packs.push(undefined) - 1);
  }

  #close(open: OpenPack): void {
    if (open === this.#small) this.#small = undefined;
    const { packer, files, number } = open;
    packer.flush();
    const { parts, offset } = encodePack(packer.take(), packer.lengths, files);
    const bytes = concat(parts);
    const digest = sha256(bytes);
    this.packs[number] = { digest, offset, blocks: packer.lengths };
    this.#previous = this.#putting;
    this.#putting = this.#previous.then(() => this.#put(digest, bytes));
    // It is thrown by `drain` or `flush`.
    this.#putting.catch(() => {});
  }

  async #put(digest: string, bytes: Uint8Array): Promise<void> {
    const isNew = await this.#store.put(packKey(digest), bytes, bytes.length, {
      sha256: digest.slice(7),
      ifAbsent: true,
    });
    if (isNew) this.newBytes += bytes.length;
  }
}

/** A pack that is being filled. */
class OpenPack {
  readonly number: number;
  readonly packer = new BlockPacker();
  readonly files: PackedFile[] = [];

  constructor(number: number) {
    this.number = number;
  }

  get isFull(): boolean {
    return this.packer.readyBytes >= PACK || this.packer.size >= PACK_DATA;
  }
}
