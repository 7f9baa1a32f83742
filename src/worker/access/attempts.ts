interface Count {
  failures: number;
  /** When it begins again, in milliseconds since 1970. */
  until: number;
}

const windowMilliseconds = 60_000;
/** Failures in a window: from one address, and for one name from everywhere. */
const most = { address: 20, name: 200 };
/** Counts that are kept; the oldest go first. */
const mostCounts = 10_000;

/** Counts attempts that failed, in memory: who has failed too often waits until the window is over. */
export class Attempts {
  readonly #counts = new Map<string, Count>();
  /** Addresses that have shown the right secret for a name: what others do with that name is not their fault. */
  readonly #known = new Set<string>();

  /** Milliseconds for which nothing more is tried for this address, or for this name from it; 0 when it may be. */
  waitOf(address: string, name: string, now: number): number {
    const waits = [this.#waitOf(`address ${address}`, most.address, now)];
    if (!this.#known.has(`${address} ${name}`)) waits.push(this.#waitOf(`name ${name}`, most.name, now));
    return Math.max(...waits);
  }

  fail(address: string, name: string, now: number): void {
    for (const key of [`address ${address}`, `name ${name}`]) {
      const count = this.#counts.get(key);
      const goesOn = count !== undefined && count.until > now;
      this.#counts.delete(key);
      this.#counts.set(key, {
        failures: goesOn ? count.failures + 1 : 1,
        until: goesOn ? count.until : now + windowMilliseconds,
      });
    }
    dropOldest(this.#counts, mostCounts);
  }

  succeed(address: string, name: string): void {
    this.#known.add(`${address} ${name}`);
    dropOldest(this.#known, mostCounts);
  }

  #waitOf(key: string, limit: number, now: number): number {
    const count = this.#counts.get(key);
    return count !== undefined && count.failures >= limit ? Math.max(0, count.until - now) : 0;
  }
}

/** Maps and sets give their keys in the order in which they were added. */
function dropOldest(collection: Map<string, unknown> | Set<string>, size: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= size) return;
    collection.delete(key);
  }
}
