import type { CopyTask, JobTree } from "../../../schemas/runner.ts";
import { contextView } from "../../context/context-view.ts";
import { packReader } from "../../context/pack-reader.ts";
import { openContext } from "../../context/store.ts";
import { type LayerCompression, type LayerInfo, openLayer } from "../../layers/toc.ts";
import type { Tree } from "../../rootfs/tree.ts";
import type { BlockReaderOptions } from "../../store/block-reader.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { copyFiles } from "../run/task-work.ts";
import { StateLayer, States } from "./states.ts";
import { type LayerProgress, type StepLayerOptions, writeStepLayer } from "./write-layer.ts";

/** A layer of COPY, ADD or WORKDIR, described by its inputs. Plain data. */
export interface LayerProgramTask {
  /** Reads only stored layers. */
  copy: CopyTask;
  compression: LayerCompression;
  level: number;
  /** Digest of the last version of the layer. */
  last?: string;
  /** Scope of the build. */
  scope: string;
  /** Digests of layers that only this scope trusts. */
  confined: readonly string[];
}

/** Writes layers in another process, because the server has only one thread. */
export interface LayerProgram {
  write(
    task: LayerProgramTask,
    options: { signal: AbortSignal; onProgress: LayerProgress },
  ): Promise<WrittenLayer>;
}

export type WrittenLayer = Pick<LayerInfo, "digest" | "size" | "mediaType" | "diffId">;

interface LayerTaskOptions extends Omit<StepLayerOptions, "compression" | "level" | "last"> {
  /** How blocks of contexts are read. */
  blocks?: BlockReaderOptions;
}

/** Executes a task in a layer program. */
export async function executeLayerTask(
  store: ObjectStore,
  { copy, compression, level, last, scope, confined }: LayerProgramTask,
  { blocks, ...options }: LayerTaskOptions,
): Promise<WrittenLayer> {
  const states = new States(store, scope);
  const open = async (tree: JobTree): Promise<Tree> => {
    if ("context" in tree) {
      const context = await openContext(store, tree.context, tree.copy);
      if (context === undefined) throw new Error(`Cannot read the context ${tree.context}: it is not stored`);
      const { packs } = context;
      return contextView(context.tree.withContents(packReader(store, packs, blocks)), tree);
    }
    const layers = tree.layers.map((layer) => {
      if ("snapshot" in layer) throw new Error("Cannot read a layer that is not stored");
      const { diffId, ...descriptor } = layer;
      const isConfined = confined.includes(layer.digest);
      return StateLayer.of({ layer: descriptor, diffId, ...(isConfined && { confined: true as const }) });
    });
    return states.of(layers).tree();
  };
  const before = copy.last && (await openLayer(store, copy.last.digest, copy.last.toc));
  const { entries } = await copyFiles(copy, open, before?.tree);
  const { digest, size, mediaType, diffId } = await writeStepLayer(store, entries, {
    ...options,
    compression,
    level,
    last,
  });
  return { digest, size, mediaType, diffId };
}
