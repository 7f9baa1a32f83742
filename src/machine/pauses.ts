import { setImmediate } from "node:timers/promises";

/** Milliseconds of work between two pauses. */
const TURN = 50;

/**
 * Pauses synchronous work on files, so that the program handles signals and requests. Asynchronous reads of many small
 * files would take four times the CPU time. Measures time, because a slow disk takes long for little work.
 */
export class Pauses {
  readonly #signal: AbortSignal | undefined;
  #end = performance.now() + TURN;

  /** @param signal ends the work at the next pause */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the work should yield. */
  get isDue(): boolean {
    return performance.now() >= this.#end;
  }

  /** Runs work that yields when a pause is due. @throws the reason of an aborted signal */
  async run(work: Iterable<void>): Promise<void> {
    for (const _ of work) {
      await setImmediate();
      this.#signal?.throwIfAborted();
      this.#end = performance.now() + TURN;
    }
  }
}
