import { createHash } from "node:crypto";
import type { JobLayer } from "../../schemas/runner.ts";
import type { DirectoryAttributes } from "./directory-attributes.ts";
import type { FetchBlob, LayerStore } from "./layer-store.ts";

/** Layers that are unpacked and stay so until they are released. */
export interface HeldStack {
  /** Lower directories, the lowest first. */
  paths: string[];
  /** Of the root directory, where a layer says something about it. */
  root: DirectoryAttributes | undefined;
  release(): void;
}

/**
 * Holds all layers of a file system, the lowest first; those that are missing are fetched at the same time.
 * @throws when one cannot be fetched, verified or written; then none is held
 */
export async function holdStack(
  store: LayerStore,
  layers: readonly JobLayer[],
  fetchBlob: FetchBlob,
  signal: AbortSignal,
): Promise<HeldStack> {
  const results = await Promise.allSettled(layers.map((layer) => store.hold(layer, fetchBlob, signal)));
  const held = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const release = () => {
    for (const layer of held) layer.release();
  };
  try {
    for (const result of results) if (result.status === "rejected") throw result.reason;
    // Tells what lies below a layer.
    let chain = "";
    for (const [index, layer] of layers.entries()) {
      const { [index]: plain } = held;
      if (plain !== undefined)
        held[index] = await store.holdAbove(held.slice(0, index), layer, plain, chain, signal);
      chain = createHash("sha256").update(`${chain} ${layer.diffId}`).digest("hex");
    }
  } catch (error) {
    release();
    throw error;
  }
  return {
    paths: onceEach(held.map(({ path }) => path)),
    root: held.findLast(({ root }) => root)?.root,
    release,
  };
}

/**
 * Equal layers lie in one directory, as all empty ones do, and overlayfs takes none twice. The highest one is enough:
 * whatever those between change of it, it sets right again.
 */
function onceEach(paths: readonly string[]): string[] {
  return [...new Set(paths.toReversed())].reverse();
}
