import type { JobFailure, JobResult } from "../../../schemas/runner.ts";
import type { LogPiece } from "./job-interests.ts";

/** How far a job has come. */
export interface JobProgress {
  /** `unknown`: it must be offered again. `unfit`: the runner that holds its snapshots must not or cannot execute it. */
  state: "queued" | "running" | "done" | "failed" | "unfit" | "unknown";
  /** Connected runners that could execute it. */
  capable: number;
  /** It waits for the runner of its client. */
  isAwaited: boolean;
  /** Platforms of the connected runners, when none of these can execute it and no other one is on its way. */
  unsuitable?: string[];
  /** Only its scope trusts the runner. */
  isConfined: boolean;
  /** The runner ends with the build. */
  isTransient: boolean;
  /** Output of the process since the last request. */
  logs: LogPiece[];
  failure?: JobFailure;
  /** Of a job that is done. */
  result?: JobResult;
  /** The runner that executed it. */
  instance?: string;
}

/** The part of a job's progress that the caller knows. */
export type KnownProgress = Pick<JobProgress, "state" | "capable" | "isAwaited" | "unsuitable">;

/** What the runner of a job may read and write. */
export interface JobRights {
  /** Digests of layers. */
  layers: string[];
  /** Digests of contexts. */
  contexts: string[];
  /** Keys of tables of contents. */
  tocs: string[];
  /** Keys of cache mounts. */
  caches: string[];
  /** It may upload the layer that it writes. */
  writesLayer: boolean;
  /** Digest of the layer that it has uploaded. */
  uploaded?: string;
  /** Only the scope trusts what it uploads. */
  isConfined: boolean;
  /** Image that is built. */
  scope: string;
}
