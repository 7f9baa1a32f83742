import { MAX_CHUNK } from "../../../schemas/cache-mount.ts";

/** Bytes of a chunk: the minimum, the average above the minimum, and the maximum. */
const MIN_CHUNK = 64 * 1024;
const AVERAGE = 256 * 1024;

/** A chunk ends where these bits of the hash are zero. The upper bits depend on the most bytes. */
const MASK = (AVERAGE - 1) << (32 - Math.log2(AVERAGE));

/** 32 fixed random bits for each byte value. */
const GEAR = Uint32Array.from({ length: 256 }, (_, byte) => {
  let bits = Math.imul(byte + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
});

/**
 * Cuts a stream at positions that depend on its content (a gear hash of the last 32 bytes, as in FastCDC), so that the
 * chunks after a change are the same as before. A chunk is valid until the next one is requested.
 */
export async function* contentChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(MAX_CHUNK);
  let filled = 0;
  let hash = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const room = Math.min(bytes.length - at, MAX_CHUNK - filled);
      let taken = 0;
      let isCut = false;
      while (taken < room) {
        hash = ((hash << 1) + (GEAR[bytes[at + taken] as number] as number)) | 0;
        taken++;
        if ((hash & MASK) === 0 && filled + taken >= MIN_CHUNK) {
          isCut = true;
          break;
        }
      }
      buffer.set(bytes.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (!isCut && filled < MAX_CHUNK) continue;
      yield buffer.subarray(0, filled);
      filled = 0;
      hash = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
