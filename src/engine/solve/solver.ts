/** Results of vertices are gone, so that what depends on them cannot be computed: they are computed again. */
export class LostResultError<R> extends Error {
  override name = "LostResultError";
  readonly lost: ReadonlyMap<number, R>;

  /** @param lost vertices, each with the result that is gone */
  constructor(lost: ReadonlyMap<number, R>, options?: ErrorOptions) {
    super("Results of earlier steps are no longer available", options);
    this.lost = lost;
  }
}

/** How often a vertex is tried when its inputs keep getting lost. */
const MAX_ATTEMPTS = 5;

/**
 * Computes the vertices of a graph on demand, each at most once and as concurrently as their inputs allow: `execute`
 * requests the results it needs with `result` and runs as soon as it has them.
 *
 * The first failure cancels all other work and is the error of every later result. When `execute` throws
 * `LostResultError`, the lost vertices are computed again.
 */
export class Solver<R> {
  readonly #execute: (vertex: number) => Promise<R>;
  readonly #cancel = new AbortController();
  readonly #results = new Map<number, Promise<R>>();
  readonly #settled = new Map<number, R>();
  #failure: { error: unknown } | undefined;

  /** @param signal cancels all work; its reason is the error then */
  constructor(execute: (vertex: number) => Promise<R>, signal: AbortSignal) {
    this.#execute = execute;
    if (signal.aborted) this.fail(signal.reason);
    const cancel = () => void this.fail(signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
  }

  /** Aborts when the outer signal does, or when a vertex has failed. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** The result of a vertex; the first request starts its computation. */
  result(vertex: number): Promise<R> {
    let result = this.#results.get(vertex);
    if (result === undefined) {
      result = this.#compute(vertex);
      // A failure is reported to every caller that waits; there may be none.
      result.catch(() => {});
      this.#results.set(vertex, result);
    }
    return result;
  }

  /** Resolves when no vertex is being computed any more. */
  async idle(): Promise<void> {
    for (let size = -1; size !== this.#results.size; ) {
      size = this.#results.size;
      await Promise.allSettled(this.#results.values());
    }
  }

  async #compute(vertex: number): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      if (this.#failure !== undefined) throw this.#failure.error;
      try {
        const result = await this.#execute(vertex);
        this.#settled.set(vertex, result);
        return result;
      } catch (error) {
        if (!(error instanceof LostResultError) || attempt === MAX_ATTEMPTS) throw this.fail(error);
        this.#forget(error.lost);
      }
    }
  }

  /** Another vertex may have reported the loss before, and a new result may be there. */
  #forget(lost: ReadonlyMap<number, R>): void {
    for (const [vertex, result] of lost) {
      if (this.#settled.get(vertex) !== result) continue;
      this.#settled.delete(vertex);
      this.#results.delete(vertex);
    }
  }

  /** Cancels all work. @returns the first failure, which is the error of the whole */
  fail(error: unknown): unknown {
    this.#failure ??= { error };
    this.#cancel.abort(this.#failure.error);
    return this.#failure.error;
  }
}
