import type { JobLayer } from "../../../schemas/runner.ts";
import { mergeLayers } from "../../rootfs/merge.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { DirectoryAttributes } from "./directory-attributes.ts";
import { type DirectoryStore, type FetchBlob, isSnapshot, SnapshotMissingError } from "./directory-store.ts";
import { DirectoryTree } from "./directory-tree.ts";
import { OverlayLayer } from "./overlay-layer.ts";
import type { HeldDirectory } from "./shared-directories.ts";

/** A file system whose layers stay until it is released. */
export interface HeldStack {
  /** Lower directories, the lowest first. */
  paths: string[];
  /** Names of the directories of the layers, the lowest first. */
  names: string[];
  /** Attributes of the root directory, where a layer contains it. */
  root: DirectoryAttributes | undefined;
  /** All files, without mounting them. */
  tree(): Tree;
  release(): void;
}

/**
 * Holds all layers of a file system, the lowest first. Missing ones are fetched concurrently.
 * @throws {Error} when one cannot be fetched, verified or written; then none is held
 */
export async function holdStack(
  store: DirectoryStore,
  layers: readonly JobLayer[],
  fetchBlob: FetchBlob,
  signal: AbortSignal,
): Promise<HeldStack> {
  const names: string[] = [];
  for (const layer of layers) names.push(store.nameOf(layer, names));
  const results = await Promise.allSettled(
    layers.map(async (layer, index) => {
      const name = names[index] as string;
      if ("snapshot" in layer) return store.holdSnapshot(name);
      const held = isSnapshot(name) ? await holdWritten(store, name) : undefined;
      return held ?? store.holdLayer(layer, fetchBlob, signal);
    }),
  );
  const held = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const release = () => {
    for (const layer of held) layer.release();
  };
  try {
    for (const result of results) if (result.status === "rejected") throw result.reason;
    // Identifies the layers below a layer.
    let chain = "";
    for (const [index, plain] of [...held].entries()) {
      held[index] = await store.holdAbove(held.slice(0, index), plain, chain, signal);
      chain = sha256Hex(`${chain} ${plain.name}`);
    }
  } catch (error) {
    release();
    throw error;
  }
  return {
    paths: onceEach(held.map(({ path }) => path)),
    names,
    root: held.findLast(({ record }) => record.root)?.record.root,
    tree: () => mergeLayers(held.map(layerTree)),
    release,
  };
}

/** Holds the snapshot from which a layer was written; undefined when it was removed. */
async function holdWritten(store: DirectoryStore, name: string): Promise<HeldDirectory | undefined> {
  try {
    return await store.holdSnapshot(name);
  } catch (error) {
    if (error instanceof SnapshotMissingError) return undefined;
    throw error;
  }
}

/** A directory of the store as a layer. */
export function layerTree({ path, record }: HeldDirectory): OverlayLayer {
  return new OverlayLayer(rawTree({ path, record }), record.index);
}

/** A directory of the store in overlayfs's own form. */
export function rawTree({ path, record }: Pick<HeldDirectory, "path" | "record">): DirectoryTree {
  const { index, implied, root } = record;
  return new DirectoryTree(path, index, root === undefined ? ["", ...implied] : implied);
}

/**
 * Equal layers are one directory, as all empty ones are, and overlayfs accepts each only once. The highest one is enough:
 * it restores whatever those in between change of it.
 */
function onceEach(paths: readonly string[]): string[] {
  return [...new Set(paths.toReversed())].reverse();
}
