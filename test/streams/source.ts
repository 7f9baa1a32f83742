/** A source of these chunks that records whether it was ended, and how many chunks were pulled. */
export class Source implements AsyncIterable<Uint8Array> {
  isEnded = false;
  pulled = 0;
  readonly #chunks: Iterable<Uint8Array>;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (const chunk of this.#chunks) {
        this.pulled += 1;
        yield chunk;
      }
    } finally {
      this.isEnded = true;
    }
  }
}

/** The bytes in chunks of this size. */
export function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The bytes in chunks of these sizes, cyclically. */
export function* cutBy(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array, void, undefined> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export function source(bytes: Uint8Array, size = 65536): Source {
  return new Source(cut(bytes, size));
}

/** `size` bytes that do not repeat soon. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
