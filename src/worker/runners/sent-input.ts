import type { FromTerminal } from "../../../schemas/containers.ts";

/** Maximum number of input characters that are buffered for a container. */
export const MAX_INPUT = 256 * 1024;
/** Number of read characters per report. Batches them, to limit the messages that are buffered for a slow client. */
const REPORTED_INPUT = MAX_INPUT / 4;
/** Rate limit of a client's messages: per second, and burst. */
const messageRate = { second: 2_000, burst: 5_000 };

/** Limits the input that is buffered when a client sends faster than its runner receives. */
export class SentInput {
  #waiting = 0;
  /** Characters that were read and not reported yet. */
  #unreported = 0;
  #messages = messageRate.burst;
  #since: number;

  /** @param now current time, in milliseconds */
  constructor(now: number) {
    this.#since = now;
  }

  /** Counts a message. @returns false when it exceeds a limit */
  add(message: FromTerminal, now: number): boolean {
    const allowed = this.#messages + ((now - this.#since) * messageRate.second) / 1000;
    this.#messages = Math.min(messageRate.burst, allowed) - 1;
    this.#since = now;
    if (message.type === "input") this.#waiting += message.text.length;
    return this.#messages >= 0 && this.#waiting <= MAX_INPUT;
  }

  /** Counts read characters. @returns the number of characters to report */
  read(characters: number): number {
    this.#waiting = Math.max(0, this.#waiting - characters);
    this.#unreported += characters;
    if (this.#unreported < REPORTED_INPUT) return 0;
    const reported = this.#unreported;
    this.#unreported = 0;
    return reported;
  }
}
