import { isStoreBusy } from "../../store/retry.ts";
import { untilAborted } from "../../streams/until-aborted.ts";
import { isObjectInterrupted } from "../http/object-interrupted.ts";
import { logFault } from "../operation/log.ts";

/** Maximum number of attempts to execute a build. After that, the build is considered the cause of the lost instances. */
export const MAX_ATTEMPTS = 5;
/** Milliseconds before the second attempt. */
const PAUSE_MS = 1000;

/**
 * Executes a build, and retries it after a pause while the storage or another object is unavailable.
 * @param number of the first attempt, counted from 1; more if earlier ones were interrupted
 * @throws the error of the last attempt; the reason of the signal when it aborts during a pause, which ends the pause
 */
export async function withAttempts<T>(
  number: number,
  attempt: (number: number) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await attempt(number);
  } catch (error) {
    const isTemporary = isStoreBusy(error) || isObjectInterrupted(error);
    if (!isTemporary || number >= MAX_ATTEMPTS || signal.aborted) throw error;
    if (isObjectInterrupted(error)) logFault(error);
  }
  await pause(number * PAUSE_MS, signal);
  return withAttempts(number + 1, attempt, signal);
}

/** Waits. @throws the reason of the signal when it aborts */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await untilAborted(ended, signal);
  } finally {
    clearTimeout(timer);
  }
}
