import { setTimeout as sleep } from "node:timers/promises";
import { JobError } from "../job-error.ts";
import { BodyRejectedError } from "./upload-parts.ts";

/** The server did not accept or send the bytes of a job. */
export class TransferError extends Error {
  override name = "TransferError";
  /** HTTP status. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }

  get isFinal(): boolean {
    return this.status < 500 && this.status !== 429;
  }
}

/** Milliseconds between attempts: a server that restarts is back after some seconds, on a busy machine after a minute. */
const WAITS_MS = [250, 1000, 4000, 8000, 16_000, 30_000];

/** Retries what may succeed later: lost connections, and servers that are starting or busy. */
export async function withTransferRetries<T>(
  doing: string,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      await waitToRetry(doing, error, tries, signal);
    }
  }
}

/**
 * Waits before another attempt.
 * @param tries number of retries so far
 * @throws the error when another attempt does not help
 */
export async function waitToRetry(
  doing: string,
  error: unknown,
  tries: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const wait = WAITS_MS[tries];
  // fetch() reports failed connections as TypeError.
  const isTemporary = error instanceof TransferError ? !error.isFinal : error instanceof TypeError;
  if (!isTemporary) throw error;
  if (wait === undefined) throw asJobError(doing, error);
  await sleep(wait, undefined, { signal });
}

function asJobError(doing: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  return new JobError("internal", `${doing}: ${reason}`);
}

/** The error for a response that is not a success. */
export async function transferError(doing: string, response: Response): Promise<Error> {
  const text = (await response.text()).slice(0, 500);
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  if (response.status === 413 && !isProblem) {
    return new BodyRejectedError(
      `${doing}: a proxy in front of the server rejects the size of the request (413)`,
    );
  }
  return new TransferError(`${doing}: the server answered ${response.status} ${text}`, response.status);
}
