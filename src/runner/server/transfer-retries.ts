import { setTimeout as sleep } from "node:timers/promises";
import { JobError } from "../job-error.ts";
import { TransferError } from "./transfer-error.ts";

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
  const isTemporary = error instanceof TransferError ? isBusy(error) : error instanceof TypeError;
  if (!isTemporary) throw error;
  if (wait === undefined) throw asJobError(doing, error);
  await sleep(wait, undefined, { signal });
}

function isBusy({ status }: TransferError): boolean {
  return status >= 500 || status === 429;
}

function asJobError(doing: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  return new JobError("internal", `${doing}: ${reason}`);
}
