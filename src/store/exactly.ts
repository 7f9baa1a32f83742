import { SizeMismatchError } from "../streams/verify.ts";

/**
 * The chunks of `source`, which must have `size` bytes in all, else `SizeMismatchError`. The last chunk is given
 * only when nothing follows it: whoever waits for `size` bytes sees the error first.
 */
export async function* exactly(
  source: AsyncIterable<Uint8Array>,
  size: number,
  key: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let came = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of source) {
    came += chunk.length;
    if (came > size) throw new SizeMismatchError(key, size, came);
    if (came === size) last ??= chunk;
    else yield chunk;
  }
  if (came < size) throw new SizeMismatchError(key, size, came);
  if (last !== undefined) yield last;
}
