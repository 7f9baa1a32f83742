import { keepRecent } from "../../streams/keep-recent.ts";

interface Count {
  failures: number;
  /** End of the window in milliseconds since 1970. */
  until: number;
}

const WINDOW_MS = 60_000;
/** Failures of an address in a window before its client must wait. */
const MAX_FAILURES = 20;
/** Maximum number of addresses in memory; the oldest are dropped first. */
const MAX_COUNTS = 10_000;

/**
 * Counts failed logins by address, in memory. A client above the limit must wait, but a valid credential is always accepted:
 * many clients can share an address, and a secret of 16 characters cannot be guessed in time.
 */
export class FailedLogins {
  readonly #counts = new Map<string, Count>();

  /** Counts a failure. Returns the milliseconds that the client must wait; 0 below the limit. */
  fail(address: string, now: number): number {
    const count = this.#counts.get(address);
    const current = count !== undefined && count.until > now ? count : undefined;
    if (current !== undefined && current.failures >= MAX_FAILURES) return current.until - now;
    const { failures, until } = current ?? { failures: 0, until: now + WINDOW_MS };
    keepRecent(this.#counts, address, { failures: failures + 1, until }, MAX_COUNTS);
    return 0;
  }
}
