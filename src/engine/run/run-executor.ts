import type { Job, JobFailure } from "../../../schemas/runner.ts";
import type { Tree } from "../../rootfs/tree.ts";

/** One RUN, told to whoever carries it out: a job without what tells it apart from others. */
export type RunWork = Omit<Job, "id" | "token" | "timeoutSeconds">;

/** Who is told while the process runs. */
export interface RunWatcher {
  log(stream: "stdout" | "stderr", text: string): void;
  /** Says what is waited for before it can begin. */
  waiting(message: string): void;
  /** Ends the process. */
  signal: AbortSignal;
}

/** What a process left: the upper directory in overlayfs's own form, see `overlayChanges`. */
export interface Upper {
  tree: Tree;
  /** Not everybody trusts who made it: it enters the build cache of the scope that is built, and no other. */
  isConfined: boolean;
  /** Nothing of it is read any more. */
  close(): Promise<void>;
}

/** Carries out RUN: a Worker cannot, so it asks a runner. */
export interface RunExecutor {
  /**
   * The upper directory when the process has ended with exit code 0.
   * @throws RunFailure, BuildError when nobody is there to do it
   */
  carryOut(work: RunWork, watcher: RunWatcher): Promise<Upper>;
}

/** The secrets that came with a build. Their values are in no record of it. */
export interface Secrets {
  /**
   * The value of a secret; undefined when none of this name came.
   * @throws BuildError when it is lost
   */
  value(id: string): Uint8Array | undefined;
  /** Whether the runner beside the client has the secret, and nobody else. */
  isHeld(id: string): boolean;
  /** Whether that runner has an ssh agent of this id. */
  isForwarded(id: string): boolean;
}

/** A runner gave no result. */
export class RunFailure extends Error {
  override name = "RunFailure";
  readonly failure: JobFailure;

  constructor(failure: JobFailure) {
    super(failure.message);
    this.failure = failure;
  }
}
