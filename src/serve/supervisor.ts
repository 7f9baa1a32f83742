import type { LocalRunnerState } from "../../schemas/runner-list.ts";

/** A supervised program. */
interface Supervised {
  /** Resolves when the program has ended, with the reason as part of a sentence. */
  ended: Promise<string>;
  close(): Promise<void>;
}

interface SupervisorOptions<T extends Supervised> {
  /** In messages: "The runner of this machine". */
  name: string;
  start(): Promise<T>;
  /** Receives every change of state. */
  report(state: LocalRunnerState): void;
  /** Receives a line about each unexpected end of the program. */
  warn(line: string): void;
  /** Milliseconds: pauses before restarts, and the run time after which the next pause is short again. */
  pauses?: { first: number; max: number; lasting: number };
}

const defaultPauses = { first: 1_000, max: 60_000, lasting: 60_000 };

/** Restarts a program when it ends: after a second, then after pauses that double while it keeps failing. */
export class Supervisor<T extends Supervised> {
  readonly #options: SupervisorOptions<T>;
  readonly #pauses;
  #program: T | undefined;
  #pause: number;
  #restarts = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SupervisorOptions<T>) {
    this.#options = options;
    this.#pauses = options.pauses ?? defaultPauses;
    this.#pause = this.#pauses.first;
  }

  /** Starts the program for the first time. Throws what the first start throws, and then supervises nothing. */
  async start(): Promise<void> {
    this.#watch(await this.#options.start());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#program?.close();
  }

  #watch(program: T): void {
    this.#program = program;
    const began = performance.now();
    this.#report({ state: "running" });
    program.ended.then((how) => {
      this.#program = undefined;
      if (performance.now() - began > this.#pauses.lasting) this.#pause = this.#pauses.first;
      this.#again(`ended ${how}`);
    });
  }

  #again(reason: string): void {
    if (this.#isClosed) return;
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, this.#pauses.max);
    const detail = `${this.#options.name} ${reason}`;
    this.#options.warn(`${detail}. It starts again in ${pause / 1000} s.`);
    this.#report({ state: "restarting", detail });
    this.#timer = setTimeout(() => void this.#restart(), pause);
  }

  async #restart(): Promise<void> {
    try {
      const program = await this.#options.start();
      this.#restarts += 1;
      if (this.#isClosed) await program.close();
      else this.#watch(program);
    } catch (error) {
      this.#again(`did not start: ${(error as Error).message.replace(/\.$/, "")}`);
    }
  }

  #report(change: Pick<LocalRunnerState, "state" | "detail">): void {
    this.#options.report({ ...change, since: new Date().toISOString(), restarts: this.#restarts });
  }
}
