interface Count {
  failures: number;
  /** When it begins again, in milliseconds since 1970. */
  until: number;
}

const windowMilliseconds = 60_000;
/** Failures of an address in a window that are answered as such. */
const most = 20;
/** Counts that are kept; the oldest go first. */
const mostCounts = 10_000;

/**
 * Counts failed attempts by address, in memory. A client beyond the limit is asked to wait. A correct credential is
 * accepted all the same: one address can be that of many clients, and a secret of 16 characters cannot be guessed in time.
 */
export class Attempts {
  readonly #counts = new Map<string, Count>();

  /** Counts a failure. Gives the milliseconds that the client is to wait; 0 below the limit. */
  fail(address: string, now: number): number {
    const count = this.#counts.get(address);
    const current = count !== undefined && count.until > now ? count : undefined;
    if (current !== undefined && current.failures >= most) return current.until - now;
    this.#counts.delete(address);
    this.#counts.set(address, {
      failures: (current?.failures ?? 0) + 1,
      until: current?.until ?? now + windowMilliseconds,
    });
    // A map gives its keys in the order in which they were added.
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= mostCounts) break;
      this.#counts.delete(oldest);
    }
    return 0;
  }
}
