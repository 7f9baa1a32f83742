/** A cache of recently used contents, limited in bytes: the base of a delta is nearly always among them. */
export class RecentContents {
  readonly #limit: number;
  readonly #contents = new Map<object, Uint8Array>();
  #size = 0;

  /** @param limit total bytes; contents larger than a quarter of it are not cached. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(owner: object): Uint8Array | undefined {
    const bytes = this.#contents.get(owner);
    if (bytes === undefined) return undefined;
    this.#contents.delete(owner);
    this.#contents.set(owner, bytes);
    return bytes;
  }

  put(owner: object, bytes: Uint8Array): void {
    if (bytes.length > this.#limit / 4 || this.#contents.has(owner)) return;
    this.#contents.set(owner, bytes);
    this.#size += bytes.length;
    for (const [oldest, held] of this.#contents) {
      if (this.#size <= this.#limit) return;
      this.#contents.delete(oldest);
      this.#size -= held.length;
    }
  }
}
