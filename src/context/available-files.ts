import type { Place } from "../rootfs/node-line.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Digester } from "../streams/sha256.ts";
import { atOnce, inTurns } from "../streams/turns.ts";
import type { ContextEntries } from "./context.ts";
import { KnownFiles } from "./known-files.ts";
import { knownPacks } from "./known-packs.ts";
import type { Pack } from "./pack.ts";
import { PackError } from "./pack-error.ts";
import type { PackHeader } from "./pack-header.ts";
import { packReader } from "./pack-reader.ts";
import { encodePlace, stretchesOf } from "./place.ts";

interface FoundFile {
  place: Place;
  /** Bytes. */
  size: number;
}

/** A part of a large file. */
interface Part {
  pack: number;
  /** Offset in the file. */
  at: number;
  size: number;
}

/** Files that a new context may refer to: those of packs uploaded for it, and those of earlier contexts. */
export class AvailableFiles {
  readonly packs: (Pack | undefined)[];
  readonly #packed = new KnownFiles();
  readonly #contexts: readonly ContextEntries[];
  /** Files of the contexts, read on first use. */
  #known: { files: KnownFiles; numbers: readonly number[] } | undefined;
  /** By digest of the whole file. */
  readonly #parts = new Map<string, Part[]>();
  /** Files assembled from parts. */
  readonly #joined = new Map<string, FoundFile>();
  /** Digests and sizes of files whose parts do not fit together. */
  readonly #broken = new Set<string>();

  /** The packs of `base` keep their numbers, so places in it remain valid. */
  constructor(base?: ContextEntries, ...others: readonly ContextEntries[]) {
    this.packs = [...(base?.packs ?? [])];
    this.#contexts = base === undefined ? others : [base, ...others];
  }

  /** Adds a pack that was verified on upload. */
  addPack(digest: string, { offset, blocks, files, part, size }: PackHeader): void {
    const pack = this.packs.push({ digest, offset, blocks }) - 1;
    if (part !== undefined) {
      const [hex, at] = part;
      const parts = this.#parts.get(`sha256:${hex}`) ?? [];
      parts.push({ pack, at, size });
      this.#parts.set(`sha256:${hex}`, parts);
      this.#broken.clear();
      return;
    }
    let at = 0;
    for (const [hex, length] of files) {
      this.#packed.add(`sha256:${hex}`, encodePlace([{ pack, at, size: length }]), length);
      at += length;
    }
  }

  /** The place of a file of `size` bytes, and its actual size. */
  find(digest: string, size: number): FoundFile | undefined {
    return (
      this.#packed.findSized(digest) ??
      this.#joined.get(digest) ??
      this.#join(digest, size) ??
      this.#findInContexts(digest)
    );
  }

  /**
   * Loads the contexts if `find` needs them for this file. Not done earlier, because they may have half a million
   * files.
   */
  async prepare(digest: string): Promise<void> {
    if (this.#known !== undefined || this.#contexts.length === 0) return;
    if (this.#packed.findSized(digest) === undefined) this.#known = await inTurns(this.#readContexts());
  }

  /** Verifies the digests of files that `find` has assembled from several packs. @throws {PackError} */
  async verifyJoined(store: ObjectStore): Promise<void> {
    const contentsAt = packReader(store, this.packs);
    for (const [digest, { place, size }] of this.#joined) {
      const digester = new Digester();
      for await (const chunk of contentsAt(place, size).read()) digester.update(chunk);
      const actual = digester.digest();
      if (actual !== digest)
        throw new PackError(digest, `the packs of this file have contents of digest ${actual}`);
    }
  }

  #findInContexts(digest: string): FoundFile | undefined {
    this.#known ??= atOnce(this.#readContexts());
    const { files, numbers } = this.#known;
    const found = files.findSized(digest);
    if (found === undefined) return undefined;
    const stretches = stretchesOf(found.place, found.size);
    return {
      ...found,
      place: encodePlace(stretches.map((part) => ({ ...part, pack: numbers[part.pack] ?? -1 }))),
    };
  }

  *#readContexts(): Generator<number, { files: KnownFiles; numbers: readonly number[] }, undefined> {
    const { packs, files } = yield* knownPacks(this.#contexts);
    const here = new Map(this.packs.map((pack, number) => [pack?.digest, number]));
    const numbers = packs.map((pack) => here.get(pack?.digest) ?? this.packs.push(pack) - 1);
    return { files, numbers };
  }

  #join(digest: string, size: number): FoundFile | undefined {
    const name = `${digest} ${size}`;
    if (this.#broken.has(name)) return undefined;
    const parts = this.#parts.get(digest)?.sort((a, b) => a.at - b.at);
    if (parts === undefined) return undefined;
    this.#broken.add(name);
    let end = 0;
    const stretches: { pack: number; at: number; size: number }[] = [];
    for (const part of parts) {
      if (part.at < end) continue;
      if (part.at > end) return undefined;
      stretches.push({ pack: part.pack, at: 0, size: part.size });
      end += part.size;
    }
    if (end !== size) return undefined;
    const joined = { place: encodePlace(stretches), size };
    this.#broken.delete(name);
    this.#joined.set(digest, joined);
    return joined;
  }
}
