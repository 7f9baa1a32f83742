/** Why the storage did not execute an operation: too many requests, or a fault that passes. */
export type Refusal = "busy" | "fault";

/** Time and chance, so that tests can set both. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
};

/** R2 accepts one write per second and key, KV likewise, so a busy key is free after about a second. */
const FIRST_MS: Record<Refusal, number> = { busy: 1000, fault: 100 };
const LONGEST_MS = 5000;
/** With `FIRST_MS` and `LONGEST_MS`, about half a minute of waiting in all. */
const ATTEMPTS = 10;

/** How often an operation was refused, since the last time that the counts were set to 0. */
export const refusals: Record<Refusal, number> = { busy: 0, fault: 0 };

/** The storage refused an operation each time it was tried. The operation may succeed later. */
export class StoreBusyError extends Error {
  override name = "StoreBusyError";
}

/** Whether an error is a `StoreBusyError`, also after it has crossed a border at which only name and message remain. */
export function isStoreBusy(error: unknown): error is Error {
  return error instanceof Error && (error instanceof StoreBusyError || error.name === "StoreBusyError");
}

/**
 * Repeats an operation of the storage that fails for a reason that passes, with exponential backoff and jitter.
 * @param doing what fails, for the message: `write "blobs/…"`
 * @param attempt must be safe to execute again; receives the number of attempts before it
 * @throws StoreBusyError when no attempt succeeds; what `attempt` throws for any other reason
 */
export async function withRetries<T>(
  doing: string,
  attempt: (before: number) => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  for (let before = 0; ; before++) {
    try {
      return await attempt(before);
    } catch (cause) {
      const refusal = refusalOf(cause);
      if (refusal === undefined) throw cause;
      refusals[refusal] += 1;
      if (before + 1 === ATTEMPTS) {
        const reason = cause instanceof Error ? cause.message : cause;
        throw new StoreBusyError(`Cannot ${doing} after ${ATTEMPTS} attempts: ${reason}`, { cause });
      }
      await clock.sleep(backoff(refusal, before, clock.random()));
    }
  }
}

/** Milliseconds before the next attempt: half of them fixed, half by chance, so that writers of one key spread. */
export function backoff(refusal: Refusal, before: number, random: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS[refusal] * 2 ** before);
  return most / 2 + (most / 2) * random;
}

/**
 * Numbers of https://developers.cloudflare.com/r2/api/error-codes that pass; 0 is an error that R2 gives no number, such as a
 * time-out.
 */
const R2_REFUSALS: ReadonlyMap<number, Refusal> = new Map([
  [0, "fault"],
  [10001, "fault"],
  [10043, "fault"],
  [10058, "busy"],
]);

/** What the runtime and KV report without a number. */
const BUSY = /\b429\b|too many requests/i;
const FAULT = /\b50[0234]\b|network connection lost|timed? ?out|connection (?:was )?reset|^internal error/i;

/** Why the storage refused an operation; undefined when trying again does not help. */
export function refusalOf(error: unknown): Refusal | undefined {
  // Errors of bindings are plain. Those of other modules have names, and their own handling.
  if (!(error instanceof Error) || error.name !== "Error") return undefined;
  const number = errorNumber(error);
  if (number !== undefined) return R2_REFUSALS.get(number);
  if (BUSY.test(error.message)) return "busy";
  return FAULT.test(error.message) ? "fault" : undefined;
}

/** R2's number of an error, which stands in parentheses at the end of the message. */
export function errorNumber(error: unknown): number | undefined {
  const match = error instanceof Error ? /\((0|\d{5})\)$/.exec(error.message) : null;
  return match === null ? undefined : Number(match[1]);
}
