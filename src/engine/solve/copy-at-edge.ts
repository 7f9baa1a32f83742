import type { Keep } from "../../layers/spool.ts";
import { openLayer } from "../../layers/toc.ts";
import { contextOf } from "../contexts.ts";
import { isIndependent } from "../copy/copy.ts";
import type { CopySource } from "../copy/copy-request.ts";
import type { TransferDefinition, WorkdirDefinition } from "../plan/step.ts";
import { type CopyTimes, openCopyTask } from "../run/copy-task.ts";
import { jobLayerOf } from "../run/runner-steps.ts";
import { changeFiles } from "./change-files.ts";
import type { LayerSource } from "./layer-writer.ts";
import { Sources } from "./sources.ts";
import type { StateLayer } from "./states.ts";
import type { LayerRecord } from "./step-cache.ts";
import { readStates, readsArchive } from "./step-inputs.ts";
import {
  copyTimes,
  emitWarnings,
  lastVersion,
  type StepExecutorOptions,
  type StepWork,
} from "./step-work.ts";
import { sizeOfSources, useWriterMemory } from "./writer-memory.ts";

/**
 * Executes a step on the server, once there is memory for its layer. The step finishes when the layer is stored, or before
 * the result of the build when the image does not contain the layer; steps that read its files do not wait for that.
 */
export async function copyAtEdge(
  work: StepWork,
  definition: TransferDefinition | WorkdirDefinition,
  options: StepExecutorOptions,
): Promise<StateLayer> {
  const { remotes, contexts, world, emit, fail, signal, writing } = options;
  const { keyed, below, stateOf } = work;
  const sources = new Sources(remotes, async (from) =>
    from.kind === "context" ? contextOf(contexts, from.name).tree : stateOf(from).tree(),
  );
  const opened =
    definition.kind === "workdir"
      ? []
      : await Promise.all(definition.sources.map((one) => sources.open(one)));
  // Fetch layers of other registries before memory is reserved.
  if (definition.kind === "workdir" || !isIndependent(definition)) await below.tree();
  const step = keyed.info.id;
  const waiting = {
    signal,
    onWait: () =>
      emit({
        type: "step.waiting",
        step,
        message: "waiting for memory, which other builds use",
        reason: "busy",
      }),
    onStart: () => emit({ type: "step.running", step }),
  };
  const made = Promise.withResolvers<StateLayer>();
  let isMade = false;
  const size = await sizeOfSources(opened);
  const report = reporterOf(work, options);
  const written = useWriterMemory(world, size, waiting, async (keep) => {
    const layer = await changedLayer(work, definition, opened, { ...options, keep, report });
    isMade = true;
    made.resolve(layer);
    await layer.ensureStored();
  }).catch((error: unknown) => {
    if (isMade) fail(error);
    else made.reject(error);
  });
  writing.set(written, report);
  written.finally(() => writing.delete(written));
  return made.promise;
}

/** Reports the end of a step. Only the first call has an effect. */
type Report = (stored?: { record: LayerRecord; reused: boolean }) => Promise<void>;

function reporterOf({ keyed, began, explanation }: StepWork, { emit }: StepExecutorOptions): Report {
  let isReported = false;
  return async (stored) => {
    if (isReported) return;
    isReported = true;
    const milliseconds = Date.now() - began;
    emit({
      type: "step.done",
      step: keyed.info.id,
      ...(stored && { layer: stored.record.layer }),
      reused: stored?.reused ?? false,
      milliseconds,
      ...(await explanation),
    });
  };
}

async function changedLayer(
  work: StepWork,
  definition: TransferDefinition | WorkdirDefinition,
  opened: readonly CopySource[],
  options: StepExecutorOptions & { keep: Keep; report: Report },
): Promise<StateLayer> {
  const { writer, cache, emit, prepared, world, keep, report } = options;
  const { keyed, below, isConfined } = work;
  const parent = { hasNoLayers: below.layers.length === 0, tree: () => below.tree() };
  const times = copyTimes(keyed, options);
  const last = times.last && (await openLayer(world.store, times.last.digest, times.last.toc));
  const { entries, warnings } = await changeFiles(definition, opened, parent, times.times, last?.tree);
  emitWarnings(keyed, warnings, options);
  const step = keyed.info.id;
  return writer.layer(entries, {
    isConfined,
    hasFixedTime: definition.kind === "workdir" && prepared.settings.epoch !== undefined,
    last: lastVersion(keyed.step, options)?.layer,
    task: () => layerSource(work, definition, times, options),
    onProgress: (current, total) =>
      emit({ type: "step.progress", step, message: "writing layer", current, total }),
    keep,
    onStored: async (record, reused) => {
      await cache.put(record, await work.keys);
      await report({ record, reused });
    },
  });
}

/** The task for a layer program; undefined when the step reads an archive, or a layer that is not stored. */
async function layerSource(
  { keyed, stateOf }: StepWork,
  definition: TransferDefinition | WorkdirDefinition,
  times: CopyTimes,
  options: StepExecutorOptions,
): Promise<LayerSource | undefined> {
  const { scope } = options;
  const states = readStates(keyed, stateOf);
  if (states.some((state) => !state.isStored) || (await readsArchive(definition, options))) return undefined;
  const taskOf = await openCopyTask(definition, times, options);
  const copy = taskOf((input) => ({
    layers: stateOf(input).layers.map((layer) => jobLayerOf(layer, undefined)),
  }));
  const records = states.flatMap((state) => state.layers.map((layer) => layer.record as LayerRecord));
  const confined = records.filter((record) => record.confined).map(({ layer }) => layer.digest);
  return { copy, scope, confined };
}
