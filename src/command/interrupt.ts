import { EXIT } from "./command-error.ts";

/** Ctrl-C and the signals with the same meaning. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What a command does when it is interrupted: once in an orderly way, the second time at once. */
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

  /** Ends requests that are under way, as long as there is nothing better to do. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on, this is done in the place of ending requests. */
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
