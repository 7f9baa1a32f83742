import type { Place } from "../rootfs/node-line.ts";
import { BlockPacker } from "../store/block-packer.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Tombstones } from "../store/tombstones.ts";
import { concat } from "../streams/concat.ts";
import { each } from "../streams/each.ts";
import type { Reservation } from "../streams/memory-budget.ts";
import { Digester, hexOf, sha256 } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import { KnownFiles } from "./known-files.ts";
import type { KnownPacks } from "./known-packs.ts";
import { encodePack, type Pack, type PackedFile, packKey } from "./pack.ts";
import { encodePlace, type Stretch } from "./place.ts";

/** A pack is closed at this many compressed bytes, bytes of data, or files, whichever comes first. */
const PACK = 4 * 1024 * 1024;
const PACK_DATA = 256 * 1024 * 1024;
const PACK_FILES = 8192;
/** Files up to this size are held in memory, so that known contents are detected before packing. */
const WHOLE = 4 * 1024 * 1024;
/** When no more memory is free: sizes at which packs are closed, and above which files are not held. */
const MIN_SIZE = 1024 * 1024;
/** The memory of a writer, as multiples of these sizes: a pack that fills, one that is stored, and a file. */
const PARTS = 3;
/** Age in milliseconds at which a stored pack is stored again: much less than the grace of a prune. */
const OLD_MS = 10 * 60 * 1000;

export interface PackedContents {
  digest: string;
  /** Bytes. */
  size: number;
  /** Undefined for no bytes. */
  place: Place | undefined;
}

/**
 * Writes contents of files to packs, each distinct content once. Small files share packs; a large file has its own
 * packs, cut at fixed offsets, so that the same file always gives the same packs. While one pack is being uploaded, the
 * next one is filled. Call sequentially.
 */
export class ContextPackWriter {
  readonly #store: ObjectStore;
  readonly #tombstones: Tombstones;
  readonly #memory: Reservation;
  /** Bytes that a pack and a file may have by the reserved memory. */
  #size = MIN_SIZE;
  readonly #known: KnownFiles;
  /** By number; undefined until the pack is closed. */
  readonly packs: (Pack | undefined)[];
  #small: OpenPack | undefined;
  /** The upload before the last. */
  #previous: Promise<void> = Promise.resolve();
  #putting: Promise<void> = Promise.resolve();

  /**
   * @param base added files become known there
   * @param memory grows with the packs; without free memory, packs are smaller
   */
  constructor(
    store: ObjectStore,
    memory: Reservation,
    base: KnownPacks = { packs: [], files: new KnownFiles() },
  ) {
    this.#store = store;
    this.#tombstones = new Tombstones(store);
    this.#memory = memory;
    this.packs = [...base.packs];
    this.#known = base.files;
  }

  /** Whether so many bytes may be held; reserves memory for them. */
  #mayHold(bytes: number): boolean {
    while (this.#size < bytes) {
      if (!this.#memory.grow(PARTS * MIN_SIZE)) return false;
      this.#size += MIN_SIZE;
    }
    return true;
  }

  /** Adds contents that are in memory. Await `drain` before the next call. */
  addBytes(bytes: Uint8Array): PackedContents {
    const digest = sha256(bytes);
    const size = bytes.length;
    if (size === 0) return { digest, size, place: undefined };
    const known = this.#known.find(digest);
    if (known !== undefined) return { digest, size, place: known };
    if (this.#small !== undefined && this.#isFull(this.#small)) this.#close(this.#small);
    this.#small ??= this.#open();
    const { number, packer, files } = this.#small;
    const place = encodePlace([{ pack: number, at: packer.size, size }]);
    packer.add(bytes);
    files.push([hexOf(digest), size]);
    this.#known.add(digest, place, size);
    return { digest, size, place };
  }

  /** Adds contents that arrive in chunks. */
  async add(contents: AsyncIterable<Uint8Array>): Promise<PackedContents> {
    const source = contents[Symbol.asyncIterator]();
    const begin: Uint8Array[] = [];
    let size = 0;
    try {
      while (size <= WHOLE && this.#mayHold(size)) {
        const { value, done } = await source.next();
        if (done) {
          const packed = this.addBytes(concat(begin));
          await this.drain();
          return packed;
        }
        begin.push(value);
        size += value.length;
      }
      return await this.#addLarge(begin, source);
    } finally {
      await source.return?.();
    }
  }

  /** The place of contents with this digest, if known. */
  find(digest: string): Place | undefined {
    return this.#known.find(digest);
  }

  /** Waits for free capacity. Throws when a pack could not be stored. */
  drain(): Promise<void> {
    return this.#previous;
  }

  /** Closes and stores all packs. */
  async flush(): Promise<void> {
    if (this.#small !== undefined) this.#close(this.#small);
    await this.#previous;
    await this.#putting;
  }

  async #addLarge(begin: Uint8Array[], source: AsyncIterator<Uint8Array>): Promise<PackedContents> {
    const file = new LargeFile(
      () => this.#open(),
      (pack) => this.#isFull(pack),
    );
    const digester = new Digester();
    const take = async (chunk: Uint8Array) => {
      const turn = spend(chunk.length);
      if (turn !== undefined) await turn;
      digester.update(chunk);
      for (const full of file.add(chunk)) {
        this.#close(full);
        await this.drain();
      }
    };
    for (let chunk = begin.shift(); chunk !== undefined; chunk = begin.shift()) await take(chunk);
    for (let next = await source.next(); !next.done; next = await source.next()) await take(next.value);
    for (const rest of file.end()) {
      this.#close(rest);
      await this.drain();
    }
    const digest = digester.digest();
    const place = this.#known.find(digest) ?? encodePlace(file.stretches);
    this.#known.add(digest, place, file.size);
    return { digest, size: file.size, place };
  }

  #isFull({ packer, files }: OpenPack): boolean {
    const { readyBytes } = packer;
    return (
      readyBytes >= PACK ||
      packer.size >= PACK_DATA ||
      files.length >= PACK_FILES ||
      !this.#mayHold(readyBytes)
    );
  }

  #open(): OpenPack {
    return new OpenPack(this.packs.push(undefined) - 1);
  }

  #close(open: OpenPack): void {
    if (open === this.#small) this.#small = undefined;
    const { packer, files, number } = open;
    packer.flush();
    const { parts, offset } = encodePack(packer.take(), packer.lengths, { files });
    const digester = new Digester();
    for (const part of parts) digester.update(part);
    const digest = digester.digest();
    this.packs[number] = { digest, offset, blocks: packer.lengths };
    this.#previous = this.#putting;
    this.#putting = this.#previous.then(() => this.#put(digest, parts));
    // The error is thrown by `drain` or `flush`.
    this.#putting.catch(() => {});
  }

  /**
   * Stores a pack. Nothing refers to it yet, so garbage collection decides by its age: an old one is stored again, and also one
   * that the collector deletes because it has listed it before.
   */
  async #put(digest: string, parts: readonly Uint8Array[]): Promise<void> {
    const key = packKey(digest);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    const put = (ifAbsent: boolean) =>
      this.#store.put(key, () => each(parts), size, { sha256: hexOf(digest), ifAbsent });
    const isNew = await put(true);
    if (!isNew && Date.now() - ((await this.#store.head(key))?.uploaded ?? 0) > OLD_MS) await put(false);
    if (!(await this.#tombstones.has(key))) return;
    await this.#tombstones.waitForDecision(key);
    await put(true);
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
}

/** A file with its own packs. */
class LargeFile {
  readonly #openPack: () => OpenPack;
  readonly #isFull: (pack: OpenPack) => boolean;
  #pack: OpenPack | undefined;
  readonly stretches: Stretch[] = [];
  size = 0;

  constructor(openPack: () => OpenPack, isFull: (pack: OpenPack) => boolean) {
    this.#openPack = openPack;
    this.#isFull = isFull;
  }

  /** Yields the packs that became full. */
  *add(chunk: Uint8Array): Generator<OpenPack> {
    this.size += chunk.length;
    // Block by block, so that the ends of packs do not depend on the size of chunks.
    for (let at = 0; at < chunk.length; ) {
      this.#pack ??= this.#openPack();
      const part = chunk.subarray(at, at + this.#pack.packer.room);
      this.#pack.packer.add(part);
      at += part.length;
      if (this.#isFull(this.#pack)) yield* this.end();
    }
  }

  /** Yields the last pack. */
  *end(): Generator<OpenPack> {
    if (this.#pack === undefined) return;
    this.stretches.push({ pack: this.#pack.number, at: 0, size: this.#pack.packer.size });
    const pack = this.#pack;
    this.#pack = undefined;
    yield pack;
  }
}
