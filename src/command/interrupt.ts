import { EXIT } from "./command-error.ts";

/** Ctrl-C and the signals with the same meaning. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Handles interrupts of a command: the first one ends it in an orderly way, the second one at once. */
export class Interrupt implements Disposable {
  readonly #abort = new AbortController();
  readonly #listener = () => this.#interrupted();
  #cancel: (() => void) | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }
  #isInterrupted = false;

  /** Aborts current requests, unless the command handles the interrupt itself. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Handles the next interrupt with this function instead of aborting requests. */
  cancelsWith(cancel: () => void): void {
    this.#cancel = cancel;
    if (this.#isInterrupted) cancel();
  }

  #interrupted(): void {
    if (this.#isInterrupted) process.exit(EXIT.cancelled);
    this.#isInterrupted = true;
    if (this.#cancel === undefined) this.#abort.abort();
    else this.#cancel();
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
