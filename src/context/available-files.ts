import type { Place } from "../rootfs/node-line.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Digester } from "../streams/sha256.ts";
import type { KnownPacks } from "./known-packs.ts";
import type { Pack } from "./pack.ts";
import { PackError } from "./pack-error.ts";
import type { PackHeader } from "./pack-header.ts";
import { packReader } from "./pack-reader.ts";
import { placeOf } from "./place.ts";

/** A stretch of a large file. */
interface Part {
  pack: number;
  /** Bytes of the file before it. */
  at: number;
  size: number;
}

/** Files that a new context may refer to: those of earlier contexts, and those of packs that were put for it. */
export class AvailableFiles {
  readonly packs: (Pack | undefined)[];
  readonly #known: KnownPacks;
  /** By digest of the whole file. */
  readonly #parts = new Map<string, Part[]>();
  /** Files that were put together of parts. */
  readonly #joined = new Map<string, { place: Place; size: number }>();

  /** Takes `known` over. */
  constructor(known: KnownPacks) {
    this.#known = known;
    this.packs = [...known.packs];
  }

  /** A pack that was verified when it came. */
  addPack(digest: string, { offset, blocks, files, part, size }: PackHeader): void {
    const pack = this.packs.push({ digest, offset, blocks }) - 1;
    if (part !== undefined) {
      const [hex, at] = part;
      const parts = this.#parts.get(`sha256:${hex}`) ?? [];
      parts.push({ pack, at, size });
      this.#parts.set(`sha256:${hex}`, parts);
      return;
    }
    let at = 0;
    for (const [hex, length] of files) {
      this.#known.files.add(`sha256:${hex}`, placeOf([{ pack, at, size: length }]), length);
      at += length;
    }
  }

  /** Where a file of `size` bytes lies, and how many bytes it really has. */
  find(digest: string, size: number): { place: Place; size: number } | undefined {
    return this.#known.files.findSized(digest) ?? this.#joined.get(digest) ?? this.#join(digest, size);
  }

  /**
   * Reads the files that `find` has put together of several packs: only now can be seen whether they have the digest.
   * Throws `PackError`.
   */
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

  #join(digest: string, size: number): { place: Place; size: number } | undefined {
    const parts = this.#parts.get(digest)?.sort((a, b) => a.at - b.at);
    if (parts === undefined) return undefined;
    let end = 0;
    const stretches: { pack: number; at: number; size: number }[] = [];
    for (const part of parts) {
      if (part.at < end) continue;
      if (part.at > end) return undefined;
      stretches.push({ pack: part.pack, at: 0, size: part.size });
      end += part.size;
    }
    if (end !== size) return undefined;
    const joined = { place: placeOf(stretches), size };
    this.#joined.set(digest, joined);
    return joined;
  }
}
