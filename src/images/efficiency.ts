import type { Efficiency } from "../../schemas/images.ts";
import { childPath, nameOf, parentOf } from "../rootfs/path-parts.ts";
import type { Tree } from "../rootfs/tree.ts";
import { OPAQUE_WHITEOUT, WHITEOUT } from "../rootfs/whiteout.ts";
import { sum } from "../streams/sum.ts";
import type { ImageFiles } from "./files.ts";

/** Cost of examining an entry, and the additional cost per layer below it. */
const ENTRY = 4096;
const LAYER = 256;
/** Maximum number of paths that are listed. */
const MAX_FILES = 100;

/** The copies of one path in the layers. */
interface PathCopies {
  count: number;
  bytes: number;
  /** Size of the smallest copy. */
  least: number;
}

/**
 * The share of an image's bytes that is not duplicated, computed like dive does: for every path, the smallest copy
 * counts against all copies in the layers. A removal counts as a copy: of size zero for a file, and of the size of its
 * contents for a directory. Works in pieces: see `inTurns`.
 */
export function* efficiencyOf(
  files: ImageFiles,
): Generator<number, Omit<Efficiency, "name" | "digest" | "platform">, undefined> {
  const held = new Map<string, PathCopies>();
  const hold = (path: string, bytes: number) => {
    const known = held.get(path);
    if (known === undefined) held.set(path, { count: 1, bytes, least: bytes });
    else {
      known.count += 1;
      known.bytes += bytes;
      known.least = Math.min(known.least, bytes);
    }
  };
  const sizes: number[] = [];
  for (const [number, layer] of files.layers.entries()) {
    let bytes = 0;
    for (const { path, type, size } of layer.walk("")) {
      yield ENTRY;
      const name = nameOf(path);
      if (name.startsWith(WHITEOUT)) {
        const gone = removedPath(path, name);
        if (gone !== undefined) hold(gone, yield* sizeBelow(files.tree(number), gone));
      } else if (type !== "dir") {
        hold(path, size);
        bytes += size;
      }
    }
    sizes.push(bytes);
  }
  let least = 0;
  let all = 0;
  let wasted = 0;
  const repeated: { path: string; count: number; bytes: number }[] = [];
  for (const [path, { count, bytes, least: smallest }] of held) {
    least += smallest;
    all += bytes;
    if (count < 2) continue;
    wasted += bytes;
    repeated.push({ path, count, bytes });
  }
  const total = sum(sizes);
  const own = total - (sizes[0] ?? 0);
  repeated.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  return {
    score: all === 0 ? 1 : least / all,
    wastedBytes: wasted,
    userWastedPercent: own === 0 ? 0 : wasted / own,
    totalBytes: total,
    files: repeated.slice(0, MAX_FILES),
    layers: yield* contributions(sizes, files),
  };
}

/** The additions of each layer to the merged tree. */
function* contributions(
  sizes: readonly number[],
  files: ImageFiles,
): Generator<number, Efficiency["layers"], undefined> {
  let total = 0;
  const layers: Efficiency["layers"] = [];
  for (const [index, bytes] of sizes.entries()) {
    let contribution = 0;
    for (const { node, change, before } of files.changes(index).walk("")) {
      yield ENTRY + LAYER * index;
      contribution += (change === "removed" ? 0 : node.size) - (before?.size ?? 0);
    }
    total += contribution;
    layers.push({ index, bytes, contribution, total });
  }
  return layers;
}

/** The path that a whiteout removes; undefined for an opaque directory. */
function removedPath(path: string, name: string): string | undefined {
  if (name === OPAQUE_WHITEOUT) return undefined;
  const parent = parentOf(path);
  const gone = name.slice(WHITEOUT.length);
  return childPath(parent, gone);
}

/** Bytes of the files below a directory; zero for a file. */
function* sizeBelow(tree: Tree, path: string): Generator<number, number, undefined> {
  let bytes = 0;
  for (const { size } of tree.walk(path)) {
    yield ENTRY + LAYER * (tree.layerCount ?? 1);
    bytes += size;
  }
  return bytes;
}
