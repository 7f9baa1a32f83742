/**
 * Work that no step waits for, such as writing records of the build cache. Best effort: its failures do not fail the build.
 */
export class BackgroundWork {
  readonly #running = new Set<Promise<unknown>>();

  add(work: Promise<unknown>): void {
    const running: Promise<unknown> = work.catch(() => {}).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when all work has ended, including work added in the meantime. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
