import { concat } from "./concat.ts";

/** There were more bytes than the reader was willing to hold. */
export class TooLargeError extends Error {
  override name = "TooLargeError";
  readonly code = "too-large";
  /** Bytes that were allowed. */
  readonly limit: number;

  constructor(limit: number) {
    super(`Cannot read more than ${limit} bytes into memory`);
    this.limit = limit;
  }
}

/** All bytes of a small source. Throws `TooLargeError` as soon as there are more than `limit`, and reads no further. */
export async function collect(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limit) throw new TooLargeError(limit);
    parts.push(chunk);
  }
  return concat(parts);
}
