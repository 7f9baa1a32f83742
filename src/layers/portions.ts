/** What a call of `Portions.advance` has reached. */
export type Portion<T> = { state: "done"; result: T } | { state: "more" };

/** Work on a sequential input that is executed in portions: between two calls it waits, with its state in memory. */
export class Portions<T> {
  readonly #result: Promise<T>;
  /** Bytes that the work may read in the current portion. */
  #left = 0;
  #paused = Promise.withResolvers<void>();
  #resumed = Promise.withResolvers<void>();
  #stopped: { reason: unknown } | undefined;

  /** @param work reads its input through `limit`, and nothing else that is large */
  constructor(work: (limit: (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) => Promise<T>) {
    this.#result = work((input) => this.#limit(input));
    // The next call throws the failure.
    this.#result.catch(() => {});
  }

  /**
   * Continues until the work has read so many bytes, or ends.
   * @throws what the work throws
   */
  async advance(bytes: number): Promise<Portion<T>> {
    this.#left = bytes;
    this.#paused = Promise.withResolvers();
    this.#resumed.resolve();
    this.#resumed = Promise.withResolvers();
    const more = this.#paused.promise.then((): Portion<T> => ({ state: "more" }));
    return Promise.race([this.#result.then((result): Portion<T> => ({ state: "done", result })), more]);
  }

  /** Lets the work fail where it waits, so that it removes what it has stored. Resolves when it has ended. */
  async stop(reason: unknown): Promise<void> {
    this.#stopped = { reason };
    this.#resumed.resolve();
    await this.#result.catch(() => {});
  }

  async *#limit(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of input) {
      if (this.#left <= 0) {
        this.#paused.resolve();
        await this.#resumed.promise;
      }
      if (this.#stopped !== undefined) throw this.#stopped.reason;
      this.#left -= bytes.length;
      yield bytes;
    }
  }
}
