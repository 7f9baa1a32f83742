import type { Containers } from "../runners/containers.ts";
import type { JobInterests } from "./job-interests.ts";
import { type JobProgress, type KnownProgress, progressOf, unknownProgress } from "./job-progress.ts";
import type { JobQueue } from "./job-queue.ts";
import type { JobTable } from "./job-table.ts";

interface JobFollowerOptions {
  table: JobTable;
  interests: JobInterests;
  queue: JobQueue;
  containers: Containers;
  /** Updates the states of jobs whose runners have disappeared. */
  sweep(): void;
}

/** Reports the progress of jobs to their builds. */
export class JobFollower {
  readonly #options: JobFollowerOptions;

  constructor(options: JobFollowerOptions) {
    this.#options = options;
  }

  /** Returns the progress of a job once it differs from `known`, or after some milliseconds. */
  async follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress> {
    const { interests, sweep } = this.#options;
    sweep();
    const { state, capable, isAwaited, unsuitable } = this.#progress(id);
    const isKnown =
      state === known?.state &&
      capable === known.capable &&
      isAwaited === known.isAwaited &&
      String(unsuitable) === String(known.unsuitable);
    if (isKnown && state !== "unknown" && !interests.hasLogs(id)) {
      await interests.news(id, milliseconds);
      sweep();
    }
    return { ...this.#progress(id), logs: interests.takeLogs(id) };
  }

  #progress(id: string): Omit<JobProgress, "logs"> {
    const { table, interests, queue, containers } = this.#options;
    const row = table.find(id);
    if (row === undefined || interests.job(id) === undefined) return unknownProgress;
    const isAwaited = row.state === "queued" && queue.isAwaited(row);
    const isExpected = row.state !== "queued" || isAwaited || containers.canServe(row);
    return progressOf(row, {
      capable: queue.capable(row).length,
      isAwaited,
      unsuitable: isExpected ? undefined : queue.unsuitable(row),
    });
  }
}
