/** Keeps the last lines of a growing text, up to a capacity. */
export class LineBuffer<T> {
  readonly #capacity: number;
  /** Up to twice the capacity, so that dropping the oldest lines is cheap. */
  #lines: T[] = [];
  #count = 0;

  /** @param capacity most lines kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of lines added. */
  get count(): number {
    return this.#count;
  }

  /** Number of lines added but not kept. */
  get dropped(): number {
    return this.#count - this.size;
  }

  /** Number of kept lines. */
  get size(): number {
    return Math.min(this.#lines.length, this.#capacity);
  }

  add(line: T): void {
    this.#count++;
    if (this.#capacity === 0) return;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#capacity) this.#lines = this.#lines.slice(-this.#capacity);
  }

  /** A kept line by index, oldest first. */
  at(index: number): T | undefined {
    return this.#lines[this.#lines.length - this.size + index];
  }

  /** The last lines. @param count by default all kept lines */
  last(count = this.size): T[] {
    const kept = Math.min(count, this.size);
    return kept <= 0 ? [] : this.#lines.slice(-kept);
  }

  /** Drops all lines without changing `count`. */
  clear(): void {
    this.#lines = [];
  }
}
