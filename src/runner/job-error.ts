import type { JobFailure } from "../../schemas/runner.ts";

/** A step cannot be executed, or its process failed. */
export class JobError extends Error {
  override name = "JobError";
  readonly reason: JobFailure["reason"];
  readonly exitCode: number | undefined;
  readonly hint: string | undefined;

  constructor(
    reason: JobFailure["reason"],
    message: string,
    { exitCode, hint }: { exitCode?: number | undefined; hint?: string | undefined } = {},
  ) {
    super(message);
    this.reason = reason;
    this.exitCode = exitCode;
    this.hint = hint;
  }

  get failure(): JobFailure {
    const { reason, exitCode, message, hint } = this;
    return {
      reason,
      message,
      ...(exitCode !== undefined && { exitCode }),
      ...(hint !== undefined && { hint }),
    };
  }
}
