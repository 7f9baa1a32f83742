import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Job, JobResult } from "../../../schemas/runner.ts";
import { BuildError } from "../../engine/errors.ts";
import { DISK_FULL, isFull } from "../files/disk.ts";
import { removeTree } from "../files/remove-tree.ts";
import { JobError } from "../job-error.ts";
import { SnapshotMissingError } from "../snapshots/directory-store.ts";
import { containerTask, type TaskTerminal } from "./container-task.ts";
import { copyTask, selectTask } from "./copy-task.ts";
import { layerTask } from "./layer-task.ts";
import { runTask } from "./run-task.ts";
import type { Log, RunnerContext } from "./runner-context.ts";

/** The communication of a job with the server. */
interface JobChannel {
  log: Log;
  done: (result: JobResult) => void;
  /** For a job that starts a container. */
  terminal: TaskTerminal;
  cancelled: AbortSignal;
}

/**
 * Executes a job.
 * @param done called with the result as soon as it is available; the function resolves after local cleanup
 * @throws {JobError} when the job fails
 */
export async function executeJob(
  job: Job,
  context: RunnerContext,
  { log, done, terminal, cancelled }: JobChannel,
): Promise<void> {
  try {
    cancelled.throwIfAborted();
    const { task } = job;
    switch (task.kind) {
      case "run":
        return await runTask(job, task, context, { log, done, cancelled });
      case "copy":
        return done(await copyTask(job, task, context, cancelled));
      case "select":
        return done(await selectTask(job, task, context, cancelled));
      case "layer":
        return done(await layerTask(job, task, context, cancelled));
      case "container":
        return done(await containerTask(job, task, context, { terminal, cancelled }));
    }
  } catch (error) {
    throw await jobError(error, context, cancelled);
  }
}

async function jobError(error: unknown, { jobs }: RunnerContext, cancelled: AbortSignal): Promise<JobError> {
  if (error instanceof JobError) return error;
  if (cancelled.aborted) return new JobError("cancelled", "it was cancelled");
  if (error instanceof BuildError) return copyError(error);
  if (error instanceof SnapshotMissingError) {
    return new JobError("snapshot-lost", error.message, { snapshots: [error.id] });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|No space left on device/.test(message) || (await isFull(jobs).catch(() => false))) {
    return new JobError("out-of-disk", DISK_FULL);
  }
  const lost = await lostDisk(jobs);
  return new JobError("internal", lost === undefined ? message : `the runner lost its disk: ${lost}`);
}

/** Converts the engine's errors of COPY, ADD and WORKDIR. */
function copyError({ code, message, hint, words }: BuildError): JobError {
  return new JobError("copy", message, {
    code: code === "source-not-found" ? code : "copy-failed",
    words: [...words],
    ...(hint !== undefined && { hint }),
  });
}

/** Why files cannot be written to a folder; undefined when they can. */
async function lostDisk(folder: string): Promise<string | undefined> {
  try {
    await removeTree(await mkdtemp(join(folder, "try-")));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
