import { BuildError } from "../errors.ts";

/**
 * The phase in which a copy fails: finding its inputs (BuildKit then reports that it cannot compute the cache key), or
 * writing the destination.
 */
export type CopyPhase = "inputs" | "write";

/** COPY, ADD or WORKDIR failed. The message is BuildKit's, with paths in the image. */
export class CopyError extends BuildError {
  override name = "CopyError";
  readonly phase: CopyPhase;
  /** The path at fault, absolute. */
  readonly path: string;

  constructor(phase: CopyPhase, path: string, message: string) {
    super(phase === "inputs" ? "source-not-found" : "copy-failed", message);
    this.phase = phase;
    this.path = path;
    this.about(path, path.slice(1));
  }

  /** The same error, as a failure to compute the cache key of the step that reads from `ref`. */
  whileComputingKey(ref: string): CopyError {
    const message = `failed to compute cache key: failed to calculate checksum of ref ${ref}: ${this.message}`;
    return new CopyError(this.phase, this.path, message);
  }
}

/** The error of a failed file-system call, in Linux's words: `mkdir /a: not a directory`. */
export function systemCallError(call: string, path: string, reason: Reason): CopyError {
  const absolute = `/${path}`;
  return new CopyError("write", absolute, `${call} ${absolute}: ${reason}`);
}

/** The hint for a path whose wildcards match nothing. */
export function noMatchHint(path: string): string {
  return `Nothing matches ${JSON.stringify(path)}.`;
}

export type Reason =
  | "no such file or directory"
  | "not a directory"
  | "is a directory"
  | "file exists"
  | "invalid argument"
  | "operation not permitted"
  | "too many levels of symbolic links"
  | "no space left on device"
  | "file name too long";
