/** The event log of a run, which may still grow. */
interface GrowingLog {
  /** Events with a higher number, as JSON. */
  eventsAfter(seq: number): readonly string[];
  /** Whether the log is complete. */
  isEnded(): boolean;
  /** Number of the last event that the reader has. */
  after: number;
}

/** The readers that follow the events of a build. */
export class Followers {
  readonly #waiting = new Set<() => void>();

  /** Continues all readers: there are new events, or the build has ended. */
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
