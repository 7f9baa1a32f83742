/** The event log of a run, which may still grow. */
interface GrowingLog {
  /** Events with a higher number, as JSON. */
  eventsAfter(seq: number): readonly string[];
  /** Whether the log is complete. */
  isEnded(): boolean;
  /** Number of the last event that the reader has. */
  after: number;
}

/** Time for which new events are collected before they are written and sent, in milliseconds. */
const PUBLISH_MS = 50;

/** Sends the events of a build to the readers that follow it. */
export class EventPublisher {
  readonly #flush: () => void;
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param flush writes new events to the log */
  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /** Writes and sends new events after `PUBLISH_MS`. */
  publishSoon(): void {
    this.#timer ??= setTimeout(() => this.publish(), PUBLISH_MS);
  }

  /** Writes and sends new events. */
  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
    this.wake();
  }

  /** Wakes all readers, because there are new events or the build has ended. */
  wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /**
   * The events of a log, one JSON text per line, until the log ends.
   * @returns the stream, and a promise that resolves when all events were written or the reader has disconnected
   */
  follow(log: GrowingLog): { readable: ReadableStream<Uint8Array>; written: Promise<void> } {
    const { readable, writable } = new IdentityTransformStream();
    return { readable, written: this.#write(writable.getWriter(), log).catch(() => {}) };
  }

  async #write(writer: WritableStreamDefaultWriter<Uint8Array>, log: GrowingLog): Promise<void> {
    const encoder = new TextEncoder();
    for (let last = log.after; ; ) {
      const events = log.eventsAfter(last);
      if (events.length > 0) {
        last += events.length;
        await writer.write(encoder.encode(events.map((event) => `${event}\n`).join("")));
      } else if (log.isEnded()) {
        await writer.close();
        return;
      } else {
        await new Promise<void>((wake) => this.#waiting.add(wake));
      }
    }
  }
}
