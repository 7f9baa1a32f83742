import type { JobFailure } from "../../schemas/runner.ts";

/** A job failed. */
export class JobError extends Error {
  override name = "JobError";
  readonly failure: JobFailure;

  constructor(
    reason: JobFailure["reason"],
    message: string,
    details: { [K in keyof Omit<JobFailure, "reason" | "message">]: JobFailure[K] | undefined } = {},
  ) {
    super(message);
    const known = Object.entries(details).filter(([, value]) => value !== undefined);
    this.failure = { reason, message, ...Object.fromEntries(known) };
  }
}
