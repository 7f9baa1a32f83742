import { isLayerRefusal, LayerRefusedError } from "./refusal.ts";

/** The state after a call of `Portions.advance`. */
type Portion<T> = { state: "done"; result: T } | { state: "more" };

/**
 * The answer of an invocation that continues work: `lost` when the state in memory is not that of the portion before,
 * `refused` when the layer is invalid. Errors lose their class on the way to another invocation.
 */
export type NumberedPortion<T> = Portion<T> | { state: "lost" } | { state: "refused"; message: string };

/** The invocation that should execute the work runs a version of varve that lacks it. */
export class UnsupportedWorkError extends Error {
  override name = "UnsupportedWorkError";
}

/** How often work may start again because its state in memory was lost. */
const MAX_RESTARTS = 5;

/** What work uses to wait for its next portion. */
interface Pauses {
  /** Reads a sequential input, and may wait in the middle. */
  limit: (input: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** Ends the current portion, and waits for the next one. */
  pause: () => Promise<void>;
}

type Work<T> = (pauses: Pauses) => Promise<T>;

/** Work on a sequential input that is executed in portions: between two calls it waits, with its state in memory. */
class Portions<T> {
  readonly #result: Promise<T>;
  /** Bytes that the work may read in the current portion. */
  #left = 0;
  #paused = Promise.withResolvers<void>();
  #resumed = Promise.withResolvers<void>();
  #stopped: { reason: unknown } | undefined;

  /** @param work reads its input through `limit`, and nothing else that is large */
  constructor(work: Work<T>) {
    this.#result = work({ limit: (input) => this.#limit(input), pause: () => this.#pause() });
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

  async #pause(): Promise<void> {
    this.#paused.resolve();
    await this.#resumed.promise;
    this.#throwIfStopped();
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }

  async *#limit(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of input) {
      if (this.#left <= 0) await this.#pause();
      this.#throwIfStopped();
      this.#left -= bytes.length;
      yield bytes;
    }
  }
}

/** Work whose portions are numbered, so that each can be executed by a separate invocation. */
export class NumberedPortions<T> {
  #work: Portions<T> | undefined;
  #next = 0;

  /** Executes a portion of so many bytes; the first one starts the work again. */
  async advance(number: number, bytes: number, work: Work<T>): Promise<NumberedPortion<T>> {
    if (number === 0) {
      await this.stop();
      this.#work = new Portions(work);
    } else if (number !== this.#next || this.#work === undefined) return { state: "lost" };
    try {
      const portion = await this.#work.advance(bytes);
      this.#next = number + 1;
      if (portion.state === "done") this.#work = undefined;
      return portion;
    } catch (error) {
      this.#work = undefined;
      if (!isLayerRefusal(error)) throw error;
      return { state: "refused", message: error.message };
    }
  }

  /** Ends work that is not finished. */
  async stop(): Promise<void> {
    await this.#work?.stop(new Error("Work on the layer was stopped"));
    this.#work = undefined;
  }
}

/**
 * Requests portions until the work is done. Starts again when their state is lost.
 * @param what the work does, for errors
 * @throws {LayerRefusedError} when the layer is invalid
 * @throws {UnsupportedWorkError} when no other invocation can do the work
 */
export async function inPortions<T>(
  what: string,
  advance: (number: number) => Promise<NumberedPortion<T>>,
): Promise<T> {
  let restarts = 0;
  for (let number = 0; ; number++) {
    const portion = await advance(number);
    if (portion.state === "done") return portion.result;
    if (portion.state === "refused") throw new LayerRefusedError(portion.message);
    if (portion.state === "more") continue;
    if (++restarts > MAX_RESTARTS) throw new Error(`Cannot ${what}: its state was lost ${restarts} times`);
    number = -1;
  }
}
