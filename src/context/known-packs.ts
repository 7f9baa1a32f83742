import type { Place } from "../rootfs/node-line.ts";
import type { ContextEntries } from "./context.ts";
import { KnownFiles } from "./known-files.ts";
import type { Pack } from "./pack.ts";
import { encodePlace, stretchesOf } from "./place.ts";

/** Files in packs, which a context may refer to instead of storing them again. */
export interface KnownPacks {
  packs: readonly (Pack | undefined)[];
  files: KnownFiles;
}

/** Cost of reading an entry. */
const ENTRY = 4096;

/**
 * The files of earlier contexts. Combine only contexts of one scope: see docs/architecture.md. Works in pieces: see
 * `inTurns`.
 */
export function* knownPacks(contexts: Iterable<ContextEntries>): Generator<number, KnownPacks, undefined> {
  const packs: (Pack | undefined)[] = [];
  const numbers = new Map<string, number>();
  const files = new KnownFiles();
  for (const context of contexts) {
    /** Maps pack numbers of the context to those of the result. */
    const here = context.packs.map((pack) => {
      if (pack === undefined) return -1;
      const known = numbers.get(pack.digest);
      if (known !== undefined) return known;
      numbers.set(pack.digest, packs.length);
      return packs.push(pack) - 1;
    });
    for (const { node, place } of context.tree.placed()) {
      yield ENTRY;
      const { type, digest, size } = node;
      if (type === "file" && digest !== undefined && place !== undefined)
        files.add(digest, renumber(place, size, here), size);
    }
  }
  return { packs, files };
}

function renumber(place: Place, size: number, here: readonly number[]): Place {
  return encodePlace(stretchesOf(place, size).map((part) => ({ ...part, pack: here[part.pack] ?? -1 })));
}
