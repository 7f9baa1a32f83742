import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Job, JobResult, LayerTask } from "../../../schemas/runner.ts";
import { runEntries } from "../../engine/run/task-work.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import { keepUpTo } from "../../layers/spool.ts";
import { encodeToc } from "../../layers/toc.ts";
import { type LayerDraft, writeLayer } from "../../layers/write.ts";
import { concat } from "../../streams/concat.ts";
import { removeTree } from "../files/remove-tree.ts";
import { layerTree, rawTree } from "../snapshots/layer-stack.ts";
import type { HeldDirectory } from "../snapshots/shared-directories.ts";
import type { RunnerContext } from "./runner-context.ts";
import { SpoolFile } from "./spool-file.ts";
import { TaskTrees } from "./task-trees.ts";
import { compressInPool, POOL_CHUNKS } from "./zlib-pool.ts";

/** Maximum bytes of compressed chunks in memory before the upload; others go to disk. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** Writes a snapshot as a layer and uploads it. */
export async function layerTask(
  job: Job,
  task: LayerTask,
  context: RunnerContext,
  signal: AbortSignal,
): Promise<Extract<JobResult, { kind: "layer" }>> {
  return context.writers.use(async () => {
    await using cleanup = new AsyncDisposableStack();
    const snapshot = await context.store.holdSnapshot(task.snapshot);
    cleanup.defer(() => snapshot.release());
    const folder = await mkdtemp(join(context.jobs, "layer-"));
    cleanup.defer(() => removeTree(folder));
    const trees = new TaskTrees(job, context, signal, cleanup);
    const spool = new SpoolFile(folder);
    const draft = await writeLayer(untilAborted(await entriesOf(snapshot, task, trees), signal), {
      compression: task.compression,
      level: task.level,
      spool,
      keep: keepUpTo(KEPT_BYTES),
      compress: compressInPool(task.compression),
      pending: POOL_CHUNKS,
    });
    const { digest, size, mediaType, diffId } = draft;
    const toc = tocOf(draft);
    await context.service.putLayer(
      job,
      { digest, size, toc },
      (offset) => spool.read(draft.sources, offset),
      signal,
    );
    await context.store.setLayer(task.snapshot, { digest, diffId });
    return { kind: "layer", layer: { mediaType, digest, size, diffId } };
  });
}

/** The entries of the layer. */
async function entriesOf(
  snapshot: HeldDirectory,
  task: LayerTask,
  trees: TaskTrees,
): Promise<Iterable<LayerEntry>> {
  const { mounted } = snapshot.record;
  if (mounted === undefined) return copiedEntries(snapshot);
  const base = (await trees.stack(task.layers)).tree();
  return runEntries(task, rawTree(snapshot), base, mounted);
}

/** COPY, ADD and WORKDIR keep exactly the entries of their layer, with their times. */
function* copiedEntries(snapshot: HeldDirectory): Generator<LayerEntry> {
  for (const node of layerTree(snapshot).walk("")) yield { node };
}

function* untilAborted(entries: Iterable<LayerEntry>, signal: AbortSignal): Generator<LayerEntry> {
  for (const entry of entries) {
    signal.throwIfAborted();
    yield entry;
  }
}

function tocOf({ digest, size, mediaType, diffId, written, entries }: LayerDraft): Uint8Array {
  const info = { digest, size, mediaType, diffId, ...(written && { written }) };
  return concat(encodeToc(info, entries.frames));
}
