import { BuildError } from "../errors.ts";

/**
 * When a copy fails: while its inputs are looked up (BuildKit then says it could not compute the cache key), or
 * while the destination is written.
 */
export type CopyPhase = "inputs" | "write";

/** COPY, ADD or WORKDIR cannot be carried out. The message is BuildKit's, with paths of the image. */
export class CopyError extends BuildError {
  override name = "CopyError";
  readonly phase: CopyPhase;
  /** The path that is to blame, absolute. */
  readonly path: string;

  constructor(phase: CopyPhase, path: string, message: string) {
    super(phase === "inputs" ? "source-not-found" : "copy-failed", message);
    this.phase = phase;
    this.path = path;
    this.about(path, path.slice(1));
  }

  /** The same as an error of computing the cache key of the step that reads from `ref`. */
  whileComputingKey(ref: string): CopyError {
    const message = `failed to compute cache key: failed to calculate checksum of ref ${ref}: ${this.message}`;
    return new CopyError(this.phase, this.path, message);
  }
}

/** A call to the file system that failed, in the words of Linux: `mkdir /a: not a directory`. */
export function callFailed(call: string, path: string, reason: Reason): CopyError {
  const absolute = `/${path}`;
  return new CopyError("write", absolute, `${call} ${absolute}: ${reason}`);
}

/** The hint when nothing matches the wildcards of a path. */
export function noMatchHint(path: string): string {
  return `Nothing matches ${JSON.stringify(path)}.`;
}

export type Reason =
  | "no such file or directory"
  | "not a directory"
  | "is a directory"
  | "file exists"
  | "operation not permitted"
  | "too many levels of symbolic links"
  | "no space left on device"
  | "file name too long";
