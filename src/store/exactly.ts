import { SizeMismatchError } from "../streams/verify.ts";

/**
 * Passes on the chunks of `source`, which must have `size` bytes in total. Passes on the last chunk only when nothing
 * follows it, so that a consumer that waits for `size` bytes receives the error first.
 * @throws {SizeMismatchError}
 */
export async function* exactly(
  source: AsyncIterable<Uint8Array>,
  size: number,
  key: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of source) {
    received += chunk.length;
    if (received > size) throw new SizeMismatchError(key, size, received);
    if (received === size) last ??= chunk;
    else yield chunk;
  }
  if (received < size) throw new SizeMismatchError(key, size, received);
  if (last !== undefined) yield last;
}
