import type { JobFailure } from "../../schemas/runner.ts";
import type { LogPiece } from "./job-interests.ts";

/** How far a job has come. */
export interface JobProgress {
  /** `unknown`: it must be offered (again). */
  state: "queued" | "running" | "done" | "failed" | "unknown";
  /** Connected runners that could carry it out. */
  capable: number;
  /** It waits for the runner of its client. */
  isAwaited: boolean;
  /** What it gives is believed by its scope only. */
  isConfined: boolean;
  /** What the process wrote since the last time. */
  logs: LogPiece[];
  failure?: JobFailure;
}

/** What of a job's progress the asker knows. */
export type KnownProgress = Pick<JobProgress, "state" | "capable" | "isAwaited">;

/** What the runner of a job may ask for. */
export interface JobRights {
  /** Digests of layers. */
  layers: string[];
  /** Keys of cache mounts. */
  caches: string[];
}
