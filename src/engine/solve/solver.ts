/** The results of these vertices are lost and must be computed again. */
export class LostResultError<R> extends Error {
  override name = "LostResultError";
  readonly lost: ReadonlyMap<number, R>;

  /** @param lost vertices, each with the lost result */
  constructor(lost: ReadonlyMap<number, R>, options?: ErrorOptions) {
    super("Results of earlier steps are no longer available", options);
    this.lost = lost;
  }
}

/** Maximum number of attempts for a vertex whose inputs are lost repeatedly. */
const MAX_ATTEMPTS = 5;

/**
 * Computes the vertices of a graph on demand, each at most once and as concurrently as their inputs allow: `execute`
 * requests its inputs with `result`.
 * The first failure cancels all other work and is the error of every later result. When `execute` throws
 * `LostResultError`, the lost vertices are computed again.
 */
export class Solver<R> {
  readonly #execute: (vertex: number) => Promise<R>;
  readonly #cancel = new AbortController();
  readonly #results = new Map<number, Promise<R>>();
  readonly #settled = new Map<number, R>();
  #failure: { error: unknown } | undefined;

  /** @param signal cancels all work; its reason becomes the error */
  constructor(execute: (vertex: number) => Promise<R>, signal: AbortSignal) {
    this.#execute = execute;
    if (signal.aborted) this.fail(signal.reason);
    const cancel = () => void this.fail(signal.reason);
    signal.addEventListener("abort", cancel, { once: true });
  }

  /** Aborts with the outer signal, or when a vertex fails. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** The result of a vertex; the first request starts its computation. */
  result(vertex: number): Promise<R> {
    let result = this.#results.get(vertex);
    if (result === undefined) {
      result = this.#compute(vertex);
      // Callers that wait receive the failure; there may be none.
      result.catch(() => {});
      this.#results.set(vertex, result);
    }
    return result;
  }

  /** Resolves when no vertex is being computed. */
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

  /** Another vertex may have reported the loss before, and a new result may exist. */
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
