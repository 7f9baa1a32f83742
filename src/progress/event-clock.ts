import type { BuildEvent } from "../../schemas/events.ts";

/**
 * Combines the times of server and client events, which have different origins, into one time line. Client events have
 * no number.
 */
export class EventClock {
  #last = 0;
  #isStarted = false;
  readonly #offsets = new Map<boolean, number>();

  /** Milliseconds on the time line. */
  timeOf({ seq, time }: Pick<BuildEvent, "seq" | "time">): number {
    const isLocal = seq === 0;
    let offset = this.#offsets.get(isLocal);
    if (offset === undefined) {
      offset = this.#isStarted ? this.#last - time : 0;
      this.#offsets.set(isLocal, offset);
    }
    this.#isStarted = true;
    this.#last = Math.max(this.#last, offset + time);
    return offset + time;
  }
}
