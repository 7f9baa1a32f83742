import type { CopyTask, Job, JobResult, SelectTask } from "../../../schemas/runner.ts";
import { copyFiles, selectFiles } from "../../engine/run/task-work.ts";
import { LocalContents } from "../snapshots/file-contents.ts";
import { extractMembers } from "../snapshots/unpack.ts";
import { entryMembers } from "./entry-members.ts";
import type { RunnerContext } from "./runner-context.ts";
import { TaskTrees } from "./task-trees.ts";

/** Executes COPY, ADD or WORKDIR and stores the result as a snapshot. @throws {CopyError} */
export async function copyTask(
  job: Job,
  task: CopyTask,
  context: RunnerContext,
  signal: AbortSignal,
): Promise<Extract<JobResult, { kind: "copy" }>> {
  await using cleanup = new AsyncDisposableStack();
  const trees = new TaskTrees(job, context, signal, cleanup);
  const { store, service } = context;
  const last = task.last && (await service.entries(job, task.last, signal));
  const { entries, warnings } = await copyFiles(task, (tree) => trees.open(tree), last);
  const { id, bytes } = await store.addSnapshot(job.build, signal, (into) =>
    extractMembers(entryMembers(entries()), into, { prefix: store.prefix, signal }),
  );
  return { kind: "copy", snapshot: id, bytes, warnings: [...warnings] };
}

/** Computes the digests of the files that sources select. @throws {CopyError} */
export async function selectTask(
  job: Job,
  task: SelectTask,
  context: RunnerContext,
  signal: AbortSignal,
): Promise<Extract<JobResult, { kind: "select" }>> {
  await using cleanup = new AsyncDisposableStack();
  const trees = new TaskTrees(job, context, signal, cleanup);
  const digests = await selectFiles(
    task,
    (tree) => trees.open(tree),
    async (nodes) => {
      for (const { contents } of nodes) {
        signal.throwIfAborted();
        if (contents instanceof LocalContents) await contents.hash();
      }
    },
  );
  return { kind: "select", digests };
}
