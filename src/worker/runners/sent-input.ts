import type { FromTerminal } from "../../../schemas/containers.ts";

/** Characters of input of a terminal that wait for its container. */
export const mostInput = 256 * 1024;
/** Characters of input that are reported as read at once, so that few messages wait for a client that does not read. */
const reportedInput = mostInput / 4;
/** Messages of a client in a second, and how many more it may send at once. */
const messageRate = { second: 2_000, burst: 5_000 };

/** Bounds what waits in the server when a client sends faster than its runner receives. */
export class SentInput {
  #waiting = 0;
  /** Characters that were read and not reported. */
  #unreported = 0;
  #messages = messageRate.burst;
  #since: number;

  /** @param now in milliseconds */
  constructor(now: number) {
    this.#since = now;
  }

  /** False for what is too much. */
  add(message: FromTerminal, now: number): boolean {
    const allowed = this.#messages + ((now - this.#since) * messageRate.second) / 1000;
    this.#messages = Math.min(messageRate.burst, allowed) - 1;
    this.#since = now;
    if (message.type === "input") this.#waiting += message.text.length;
    return this.#messages >= 0 && this.#waiting <= mostInput;
  }

  /** Gives the number of characters to report. */
  read(characters: number): number {
    this.#waiting = Math.max(0, this.#waiting - characters);
    this.#unreported += characters;
    if (this.#unreported < reportedInput) return 0;
    const reported = this.#unreported;
    this.#unreported = 0;
    return reported;
  }
}
