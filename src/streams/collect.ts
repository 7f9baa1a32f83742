import { concat } from "./concat.ts";

/** A source has more bytes than the reader's limit. */
export class TooLargeError extends Error {
  override name = "TooLargeError";
  /** The limit in bytes. */
  readonly limit: number;

  constructor(limit: number) {
    super(`Cannot read more than ${limit} bytes into memory`);
    this.limit = limit;
  }
}

/**
 * All bytes of a small source. Stops reading as soon as there are more than `limit`.
 * @throws {TooLargeError} for more bytes than `limit`
 */
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
