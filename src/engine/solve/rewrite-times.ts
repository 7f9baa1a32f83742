import type { LayerEntry } from "../../layers/entry.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import type { Step } from "../plan/step.ts";
import type { World } from "../world.ts";
import { readLayer } from "./states.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import { writeStepLayer } from "./write-layer.ts";
import { useWriterMemory } from "./writer-memory.ts";

export interface RewriteOptions {
  world: Pick<World, "store" | "spools" | "segments" | "memory" | "layerMemory">;
  cache: StepCache;
  settings: LayerSettings;
  /** The image being built. */
  scope: string;
  signal: AbortSignal;
}

/**
 * Rewrites the layers of an image so that no entry made by the build is later than SOURCE_DATE_EPOCH: BuildKit's
 * `rewrite-timestamp=true`. Layers of the base image do not change.
 * @param layers all layers of the image, base layers first
 * @param epoch seconds since 1970
 */
export async function rewriteTimes(
  plan: BuildPlan,
  layers: readonly LayerRecord[],
  epoch: number,
  rewriting: RewriteOptions,
): Promise<LayerRecord[]> {
  const base = layers.length - countOwnLayers(plan);
  const rewritten = layers.slice(0, base);
  // Sequential, to bound memory.
  for (const record of layers.slice(base)) rewritten.push(await rewriteLayer(record, epoch, rewriting));
  return rewritten;
}

/** The number of layers that do not belong to a base image. */
function countOwnLayers({ steps, result }: BuildPlan): number {
  let count = 0;
  let state = result.files;
  for (; state.kind === "step"; state = (steps[state.step] as Step).definition.parent) count++;
  return state.kind === "context" ? count + 1 : count;
}

async function rewriteLayer(
  record: LayerRecord,
  epoch: number,
  rewriting: RewriteOptions,
): Promise<LayerRecord> {
  const { world, cache, settings, scope, signal } = rewriting;
  const { digest } = record.layer;
  const key = `rewritten/${sha256Hex(`${settings.compression} ${settings.level} ${digest} ${epoch}`)}`;
  const known = (await cache.find([key])).get(key);
  if (known !== undefined) return known;
  const { tree } = await readLayer(world.store, scope, record);
  if (!isAnyLater(tree, epoch)) return record;
  let bytes = 0;
  for (const { size } of tree.walk("")) bytes += size;
  const written = await useWriterMemory(world, { changes: 0, bytes }, { signal }, (keep) =>
    writeStepLayer(world.store, () => clampedEntries(tree, epoch), {
      compression: settings.compression,
      level: settings.level,
      last: digest,
      bytes,
      spools: world.spools,
      segments: world.segments?.(key),
      keep,
      signal,
      onProgress: () => {},
    }),
  );
  const { mediaType, size, diffId } = written;
  const { confined, created } = record;
  const rewritten: LayerRecord = {
    layer: { mediaType, digest: written.digest, size },
    diffId,
    ...(confined && { confined }),
    ...(created !== undefined && { created }),
  };
  await cache.put(rewritten, [key]);
  return rewritten;
}

function isAnyLater(tree: Tree, epoch: number): boolean {
  for (const { mtime } of tree.walk("")) if (mtime > epoch) return true;
  return false;
}

function* clampedEntries(tree: Tree, epoch: number): Generator<LayerEntry> {
  for (const node of tree.walk("")) {
    if (!node.implied) yield { node: { ...node, mtime: Math.min(node.mtime, epoch) } };
  }
}
