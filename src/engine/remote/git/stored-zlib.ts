const BLOCK = 65535;
const MODULUS = 65521;
/** Maximum number of bytes that can be added before the sums of Adler-32 may exceed 2^32. */
const RUN = 5552;

/**
 * A zlib stream of `size` bytes without compression (RFC 1950, RFC 1951 section 3.2.4). Its bytes do not depend on the
 * implementation of a compressor.
 */
export async function* storedZlib(
  contents: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Uint8Array.of(0x78, 0x01);
  if (size === 0) yield blockHeader(0, true);
  let low = 1;
  let high = 0;
  let done = 0;
  for await (const chunk of contents) {
    for (let at = 0; at < chunk.length; ) {
      const inBlock = done % BLOCK;
      if (inBlock === 0) yield blockHeader(Math.min(BLOCK, size - done), size - done <= BLOCK);
      const part = chunk.subarray(at, at + BLOCK - inBlock);
      yield part;
      at += part.length;
      done += part.length;
    }
    for (let at = 0; at < chunk.length; at += RUN) {
      const end = Math.min(at + RUN, chunk.length);
      for (let i = at; i < end; i++) {
        low += chunk[i] as number;
        high += low;
      }
      low %= MODULUS;
      high %= MODULUS;
    }
  }
  if (done !== size) throw new RangeError(`Cannot pack ${size} bytes: there were ${done}`);
  yield Uint8Array.of(high >> 8, high, low >> 8, low);
}

function blockHeader(length: number, last: boolean): Uint8Array {
  return Uint8Array.of(last ? 1 : 0, length, length >> 8, ~length, ~length >> 8);
}
