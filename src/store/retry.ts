import { pause } from "../streams/pause.ts";

/** Why the storage rejected an operation: too many requests, or a temporary fault. */
type StoreRefusal = "busy" | "fault";

/** Time and random numbers, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: pause,
  random: () => Math.random(),
};

/** R2 and KV accept one write per second and key, so a busy key is free after about a second. */
const FIRST_MS: Record<StoreRefusal, number> = { busy: 1000, fault: 100 };
const MAX_MS = 5000;
/** With `FIRST_MS` and `MAX_MS`, about half a minute of waiting in total. */
const ATTEMPTS = 10;

/** Number of rejected operations since the counts were last reset. */
export const refusals: Record<StoreRefusal, number> = { busy: 0, fault: 0 };

/** The storage rejected all attempts of an operation. The operation may succeed later. */
export class StoreBusyError extends Error {
  override name = "StoreBusyError";
}

/** Whether an error is a `StoreBusyError`, also after an RPC boundary that keeps only name and message. */
export function isStoreBusy(error: unknown): error is Error {
  return error instanceof Error && (error instanceof StoreBusyError || error.name === "StoreBusyError");
}

/**
 * Retries an operation of the storage after temporary failures, with exponential backoff and jitter.
 * @param doing the operation, for the message: `write "blobs/…"`
 * @param attempt must be safe to execute again; receives the number of earlier attempts
 * @throws {StoreBusyError} when no attempt succeeds
 * @throws other errors of `attempt`
 */
export async function withStoreRetries<T>(
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

/** Milliseconds before the next attempt: half fixed, half random, so that writers of one key do not collide again. */
export function backoff(refusal: StoreRefusal, before: number, random: number): number {
  const limit = Math.min(MAX_MS, FIRST_MS[refusal] * 2 ** before);
  return limit / 2 + (limit / 2) * random;
}

/**
 * Temporary errors of https://developers.cloudflare.com/r2/api/error-codes. 0 is for errors without a number, such as
 * time-outs.
 */
const R2_REFUSALS: ReadonlyMap<number, StoreRefusal> = new Map([
  [0, "fault"],
  [10001, "fault"],
  [10043, "fault"],
  [10058, "busy"],
]);

/** Messages of the runtime and of KV without a number. */
const BUSY = /\b429\b|too many requests/i;
const FAULT = /\b50[0234]\b|network connection lost|timed? ?out|connection (?:was )?reset|^internal error/i;

/** Why the storage rejected an operation; undefined when a retry does not help. */
export function refusalOf(error: unknown): StoreRefusal | undefined {
  // Errors of bindings have the name "Error". Errors with other names are handled elsewhere.
  if (!(error instanceof Error) || error.name !== "Error") return undefined;
  const number = errorNumber(error);
  if (number !== undefined) return R2_REFUSALS.get(number);
  if (BUSY.test(error.message)) return "busy";
  return FAULT.test(error.message) ? "fault" : undefined;
}

/** R2's error number, which is in parentheses at the end of the message. */
export function errorNumber(error: unknown): number | undefined {
  const match = error instanceof Error ? /\((0|\d{5})\)$/.exec(error.message) : null;
  return match === null ? undefined : Number(match[1]);
}
