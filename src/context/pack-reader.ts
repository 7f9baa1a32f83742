import { BlockContents } from "../rootfs/block-contents.ts";
import type { ContentsAt, Place } from "../rootfs/node-line.ts";
import type { Contents, StoredRange } from "../rootfs/tree.ts";
import { BlockReader, type BlockReaderOptions } from "../store/block-reader.ts";
import type { BlockList } from "../store/blocks.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { type Pack, packBlocks } from "./pack.ts";
import { type Stretch, stretchesOf } from "./place.ts";

/** Reads contents of files in these packs. More packs may be appended later. */
export function packReader(
  store: ObjectStore,
  packs: readonly (Pack | undefined)[],
  options?: BlockReaderOptions,
): ContentsAt {
  const reader = new BlockReader(store, options);
  const lists: BlockList[] = [];
  const contentsOf = ({ pack: number, at, size }: Stretch): BlockContents => {
    let list = lists[number];
    if (list === undefined) {
      const pack = packs[number];
      if (pack === undefined) throw new Error(`Cannot read from pack ${number}: there is no such pack`);
      list = packBlocks(pack);
      lists[number] = list;
    }
    return new BlockContents(reader, list, at, size);
  };
  return (place: Place, size: number) => {
    const parts = stretchesOf(place, size).map(contentsOf);
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : new JoinedContents(parts, size);
  };
}

class JoinedContents implements Contents {
  readonly #parts: readonly BlockContents[];
  readonly size: number;

  constructor(parts: readonly BlockContents[], size: number) {
    this.#parts = parts;
    this.size = size;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (const part of this.#parts) yield* part.read();
  }

  stored(): readonly StoredRange[] {
    return this.#parts.flatMap((part) => part.stored());
  }

  prefetch(): void {
    for (const part of this.#parts) part.prefetch();
  }
}
