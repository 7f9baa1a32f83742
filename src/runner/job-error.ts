import type { JobFailure } from "../../schemas/runner.ts";

/** A job that gives no result. */
export class JobError extends Error {
  override name = "JobError";
  readonly failure: JobFailure;

  constructor(
    reason: JobFailure["reason"],
    message: string,
    details: Omit<JobFailure, "reason" | "message"> = {},
  ) {
    super(message);
    this.failure = { reason, message, ...details };
  }
}
