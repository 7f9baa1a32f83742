/** A memory limit for concurrent work. Work starts in the order of requests, as soon as enough memory is free. */
export class MemoryBudget {
  readonly #total: number;
  #used = 0;
  readonly #waiting: { bytes: number; start: () => void }[] = [];

  /** @param total in bytes */
  constructor(total: number) {
    this.#total = total;
  }

  /** Bytes reserved by running work. */
  get used(): number {
    return this.#used;
  }

  /**
   * Runs `work` with `bytes` reserved. Work that needs more than the total runs alone.
   * @throws the reason of `signal` when it aborts before the work starts
   */
  async use<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const part = Math.min(bytes, this.#total);
    await this.#reserve(part, signal);
    try {
      return await work();
    } finally {
      this.#used -= part;
      this.#startNext();
    }
  }

  async #reserve(bytes: number, signal: AbortSignal): Promise<void> {
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
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#used + next.bytes > this.#total) return;
      this.#waiting.shift();
      this.#used += next.bytes;
      next.start();
    }
  }
}
