/** The last lines of a text that grows: as many as there is room for. */
export class LineBuffer<T> {
  readonly #capacity: number;
  /** Up to twice as many as there is room for, so that dropping the oldest is cheap. */
  #lines: T[] = [];
  #count = 0;

  /** @param capacity lines that are kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Lines that were added so far. */
  get count(): number {
    return this.#count;
  }

  /** Lines that were added and are not kept. */
  get dropped(): number {
    return this.#count - this.size;
  }

  /** Lines that are kept. */
  get size(): number {
    return Math.min(this.#lines.length, this.#capacity);
  }

  add(line: T): void {
    this.#count++;
    if (this.#capacity === 0) return;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#capacity) this.#lines = this.#lines.slice(-this.#capacity);
  }

  /** A line that is kept, the oldest first. */
  at(index: number): T | undefined {
    return this.#lines[this.#lines.length - this.size + index];
  }

  /** The last lines. @param count all that are kept when absent */
  last(count = this.size): T[] {
    const kept = Math.min(count, this.size);
    return kept <= 0 ? [] : this.#lines.slice(-kept);
  }

  /** Drops all lines; they still count. */
  clear(): void {
    this.#lines = [];
  }
}
