import type { JobFailure, JobResult, Task } from "../../../schemas/runner.ts";

/** The result of a step that a runner holds. */
export interface RunnerSnapshot {
  /** Identifies the runner's snapshot folder. */
  runner: string;
  id: string;
  /** Approximate size of its files in bytes. */
  bytes: number;
  /** Whether the runner ends with the build. */
  isTransient: boolean;
}

/** Receives the events of a task while it executes. */
export interface TaskWatcher {
  log(stream: "stdout" | "stderr", text: string): void;
  /** Called when the task waits before it starts. @param isBusy whether suitable runners exist but are busy */
  waiting(message: string, isBusy: boolean): void;
  /** Called when the task starts, if it waited. */
  running?(): void;
  /** Stops the task. */
  signal: AbortSignal;
}

export interface TaskOptions {
  /** `os/arch[/variant]` of the process; for a task without one, of the processes that will read its result. */
  platform: string;
  /** The runner with the snapshots in the task. Undefined for a task without snapshots, which any runner can execute. */
  holder?: string;
  /** Bytes of these snapshots that another runner would have to fetch, and that are not stored yet. */
  unstoredBytes?: number;
  watcher: TaskWatcher;
}

/** A finished task. */
export interface TaskOutcome<K extends JobResult["kind"] = JobResult["kind"]> {
  result: Extract<JobResult, { kind: K }>;
  /** The runner that executed it. */
  runner: string;
  /** Whether that runner ends with the build. */
  isTransient: boolean;
  /** Whether only the scope of the build trusts this runner. */
  isConfined: boolean;
}

/** A snapshot of an earlier build, and whether only the scope of the build trusts it. */
export interface FoundSnapshot extends RunnerSnapshot {
  isConfined: boolean;
}

/** Executes tasks on runners: a Worker cannot run processes. */
export interface RunnerPool {
  /**
   * Finds snapshots by the names under which connected runners keep them.
   * @param waiting called when the search waits
   */
  find(
    names: readonly string[],
    waiting: (message: string) => void,
  ): Promise<ReadonlyMap<string, FoundSnapshot>>;
  /**
   * Executes a task.
   * @throws {RunnerFailure}
   * @throws {SnapshotsLostError} when the holder, or a snapshot it held, is gone
   * @throws {HolderUnfitError} when another runner must execute the task
   * @throws {BuildError} `runner-missing` when no runner can
   */
  execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions,
  ): Promise<TaskOutcome<K>>;
  /** Keeps a snapshot under names, for later builds. Best effort. */
  keep(snapshot: RunnerSnapshot, names: readonly string[]): Promise<void>;
}

/** A task failed on its runner. */
export class RunnerFailure extends Error {
  override name = "RunnerFailure";
  readonly failure: JobFailure;

  constructor(failure: JobFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Snapshots that a task needs are lost: the listed ones, or all that the runner held. */
export class SnapshotsLostError extends Error {
  override name = "SnapshotsLostError";
  readonly runner: string;
  readonly ids: readonly string[] | undefined;

  constructor(runner: string, ids?: readonly string[]) {
    super(`Runner ${runner} no longer has ${ids === undefined ? "its snapshots" : ids.join(", ")}`);
    this.runner = runner;
    this.ids = ids;
  }
}

/** The runner that holds the snapshots must not execute the task, or is busy while another one is free. */
export class HolderUnfitError extends Error {
  override name = "HolderUnfitError";
}

/** The secrets of a build. Their values are never stored. */
export interface Secrets {
  /**
   * The value of a secret; undefined when the build does not have it.
   * @throws {BuildError} when the value is lost
   */
  value(id: string): Uint8Array | undefined;
  /** Whether only the runner beside the client has the secret. */
  isHeld(id: string): boolean;
  /** Whether that runner has an ssh agent with this id. */
  isForwarded(id: string): boolean;
}
