import type { JobFailure } from "../../schemas/runner.ts";

/** A step cannot be carried out, or gave no layer. */
export class JobError extends Error {
  override name = "JobError";
  readonly reason: JobFailure["reason"];
  readonly exitCode: number | undefined;

  constructor(reason: JobFailure["reason"], message: string, exitCode?: number) {
    super(message);
    this.reason = reason;
    this.exitCode = exitCode;
  }

  get failure(): JobFailure {
    const { reason, exitCode, message } = this;
    return { reason, message, ...(exitCode !== undefined && { exitCode }) };
  }
}
