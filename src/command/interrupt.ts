import { constants } from "node:os";

/** Ctrl-C, a terminal that closes, and the request of a CI service or supervisor to end. */
const SIGNALS = ["SIGINT", "SIGHUP", "SIGTERM"] as const;
type Signal = (typeof SIGNALS)[number];

/** The exit code of a shell's command that a signal ended. */
function exitCodeFor(signal: Signal): number {
  return 128 + constants.signals[signal];
}

/** Ends the program at once on a signal that nothing else handles, after the listeners of its exit. */
export function exitOnSignals(): void {
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(exitCodeFor(signal));
    });
}

/** Handles interrupts of a command: the first one ends it in an orderly way, the second one at once. */
export class Interrupt implements Disposable {
  readonly #abort = new AbortController();
  readonly #listener = (signal: Signal) => this.#interrupted(signal);
  #cancel: (() => void) | undefined;
  #first: Signal | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  get isInterrupted(): boolean {
    return this.#first !== undefined;
  }

  /** The exit code of an interrupted command. */
  get exitCode(): number {
    return exitCodeFor(this.#first ?? "SIGINT");
  }

  /** Aborts current requests, unless the command handles the interrupt itself. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Handles the next interrupt with this function instead of aborting requests. */
  cancelsWith(cancel: () => void): void {
    this.#cancel = cancel;
    if (this.isInterrupted) cancel();
  }

  #interrupted(signal: Signal): void {
    if (this.isInterrupted) {
      // The kernel and the shell both send it when a terminal closes.
      if (signal !== "SIGHUP") process.exit(this.exitCode);
      return;
    }
    this.#first = signal;
    if (this.#cancel === undefined) this.#abort.abort();
    else this.#cancel();
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}

/** Reports that a command was interrupted. @returns its exit code */
export function canceled({ exitCode }: Interrupt): number {
  process.stderr.write("ERROR: canceled\n");
  return exitCode;
}
