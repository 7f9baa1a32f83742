import type { JobFailure, JobResult } from "../../../schemas/runner.ts";
import type { LogPiece } from "./job-interests.ts";
import { type JobRow, jobHasEnded, type Reads, type UploadedLayer } from "./job-table.ts";

/** State and new output of a job. */
export interface JobProgress {
  /** `unknown`: it must be offered again. `unfit`: the runner that holds its snapshots must not or cannot execute it. */
  state: "queued" | "running" | "done" | "failed" | "unfit" | "unknown";
  /** Connected runners that could execute it. */
  capable: number;
  /** It waits for the runner of its client. */
  isAwaited: boolean;
  /** Platforms of the connected runners, when none of them can execute it and no other one is expected. */
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

/** The objects that the runner of a job may read and write. */
export interface JobRights {
  /** Digests of layers. */
  layers: string[];
  /** Digests of contexts, or keys of copies. */
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

/** The progress of a job that must be offered again. */
export const unknownProgress: Omit<JobProgress, "logs"> = {
  state: "unknown",
  capable: 0,
  isAwaited: false,
  isConfined: true,
  isTransient: true,
};

/** The progress of a stored job. @param now the part that depends on the connected runners */
export function progressOf(
  { state, failure, result, instance, confined, transient }: JobRow,
  now: Pick<JobProgress, "capable" | "isAwaited"> & { unsuitable: string[] | undefined },
): Omit<JobProgress, "logs"> {
  const { capable, isAwaited, unsuitable } = now;
  return {
    state: state === "lost" ? "running" : state,
    capable,
    isAwaited,
    ...(unsuitable && { unsuitable }),
    isConfined: confined === 1,
    isTransient: transient === 1,
    ...(failure !== null && { failure: JSON.parse(failure) as JobFailure }),
    ...(result !== null && { result: JSON.parse(result) as JobResult }),
    ...(instance !== null && { instance }),
  };
}

/** The rights of the runner of a job; undefined after the end of the job. */
export function rightsOfRow(row: JobRow): JobRights | undefined {
  if (jobHasEnded(row)) return undefined;
  const { kind, reads, layer, confined, scope } = row;
  const uploaded = layer === null ? undefined : (JSON.parse(layer) as UploadedLayer);
  return {
    ...(JSON.parse(reads) as Reads),
    writesLayer: kind === "layer",
    ...(uploaded && { uploaded: uploaded.digest }),
    isConfined: confined === 1,
    scope,
  };
}
