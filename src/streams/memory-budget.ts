/** Memory that is filled with what can be computed or read again. */
interface MemoryCache {
  /** Bytes of all cached objects. */
  readonly bytes: number;
  /** Frees about so many bytes, or all. */
  shrink(bytes: number): void;
}

/** Bytes of a budget that belong to one piece of work. */
export interface Reservation {
  /**
   * Adds bytes without waiting.
   * @returns whether they were free; if not, the work must do without them
   */
  grow(bytes: number): boolean;
}

/** For work that shares its memory with nothing. */
export const unlimited: Reservation = { grow: () => true };

/** A reservation that its owner ends. */
interface Loan extends Reservation, Disposable {}

export interface UseOptions {
  signal: AbortSignal;
  /** Called once when the work has waited for `WAIT_NOTICE` milliseconds. */
  onWait?: (() => void) | undefined;
}

/** Milliseconds after which waiting work reports it. */
const WAIT_NOTICE = 2_000;

interface Waiter {
  bytes: number;
  start: () => void;
}

/**
 * A memory limit for concurrent work. There are four ways to use it:
 *
 * - `use` waits, and starts work in the order of requests. The work reserves all that it needs at its start, never calls
 *   `use`, and depends on nothing that waits. Work that does not fit starts when no other such work runs, so all work starts
 *   eventually.
 * - `lend` and `grow` never wait. What they reserve makes work faster, or depends on the speed of a client. At most half of the
 *   budget is lent.
 * - `hold` reserves what exists anyway, so that others use less.
 * - A cache uses what is free, and gives way to everything else.
 */
export class MemoryBudget {
  #total: number;
  #used = 0;
  #lent = 0;
  /** Number of running pieces of work that `use` has started. */
  #running = 0;
  readonly #waiting: Waiter[] = [];
  #cache: MemoryCache | undefined;

  /** @param total in bytes */
  constructor(total: number) {
    this.#total = total;
  }

  /** Bytes of the budget. */
  get total(): number {
    return this.#total;
  }

  set total(bytes: number) {
    this.#total = bytes;
    this.#startNext();
  }

  /** Bytes that are reserved. More than the total only for work that did not fit, and for what is held. */
  get used(): number {
    return this.#used;
  }

  /** Sets the cache that gives way. */
  attach(cache: MemoryCache): void {
    this.#cache = cache;
  }

  /**
   * Runs `work` with `bytes` reserved.
   * @throws the reason of the signal when it aborts before the work starts
   */
  async use<T>(
    bytes: number,
    { signal, onWait }: UseOptions,
    work: (reservation: Reservation) => Promise<T>,
  ): Promise<T> {
    await this.#reserve(bytes, signal, onWait);
    let reserved = bytes;
    let isEnded = false;
    const grow = (more: number) => {
      if (isEnded || !this.#isFree(more)) return false;
      this.#used += more;
      reserved += more;
      return true;
    };
    try {
      return await work({ grow });
    } finally {
      isEnded = true;
      this.#running--;
      this.#release(reserved);
    }
  }

  /** Reserves nothing at first; the loan can grow. */
  lend(): Loan {
    let lent = 0;
    const grow = (more: number) => {
      if (this.#lent + more > this.#total / 2 || !this.#isFree(more)) return false;
      this.#used += more;
      this.#lent += more;
      lent += more;
      return true;
    };
    const end = () => {
      this.#lent -= lent;
      this.#release(lent);
      lent = 0;
    };
    return { grow, [Symbol.dispose]: end };
  }

  /** Reserves bytes whether or not they are free, until the result is disposed of. */
  hold(bytes: number): Disposable {
    let held = bytes;
    this.#used += bytes;
    this.#makeRoom(0);
    const end = () => {
      this.#release(held);
      held = 0;
    };
    return { [Symbol.dispose]: end };
  }

  /** Whether bytes are free that no work waits for. */
  #isFree(bytes: number): boolean {
    if (this.#waiting.length > 0 || this.#used + bytes > this.#total) return false;
    this.#makeRoom(bytes);
    return true;
  }

  /** Shrinks the cache so that so many bytes are free, as far as it can. */
  #makeRoom(bytes: number): void {
    const cached = this.#cache?.bytes ?? 0;
    const excess = this.#used + bytes + cached - this.#total;
    if (cached > 0 && excess > 0) this.#cache?.shrink(Math.min(excess, cached));
  }

  async #reserve(bytes: number, signal: AbortSignal, onWait: (() => void) | undefined): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { bytes, start: resolve };
    const abort = () => {
      const place = this.#waiting.indexOf(waiter);
      // Running work handles the signal itself.
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(signal.reason);
      this.#startNext();
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.push(waiter);
    this.#startNext();
    const notice = this.#waiting.includes(waiter) && onWait && setTimeout(onWait, WAIT_NOTICE);
    try {
      await promise;
    } finally {
      if (notice) clearTimeout(notice);
      signal.removeEventListener("abort", abort);
    }
  }

  #release(bytes: number): void {
    this.#used -= bytes;
    this.#startNext();
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#running > 0 && this.#used + next.bytes > this.#total) return;
      this.#waiting.shift();
      this.#running++;
      this.#makeRoom(next.bytes);
      this.#used += next.bytes;
      next.start();
    }
  }
}

/**
 * The memory of this isolate that builds, caches and writers share, besides that of the program and of small values. The
 * entry of a Worker sets its total.
 */
export const isolateMemory = new MemoryBudget(1024 * 2 ** 20);
