import { largestChunk } from "../../schemas/cache-mount.ts";

/** Bytes of a chunk: at least, on average beyond that, and at most. */
const SHORTEST = 64 * 1024;
const EXPECTED = 256 * 1024;
const LONGEST = largestChunk;

/** A cut is where these bits of the hash are all clear. The upper ones depend on the most bytes. */
const MASK = (EXPECTED - 1) << (32 - Math.log2(EXPECTED));

/** 32 random bits for each byte, always the same ones: see `gear`. */
const GEAR = Uint32Array.from({ length: 256 }, (_, byte) => {
  let bits = Math.imul(byte + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
});

/**
 * Cuts a stream where its content says so (a gear hash of the last 32 bytes, as in FastCDC): after a change the cuts
 * are soon where they were, so the chunks behind it are the same. A chunk is valid until the next one is asked for.
 */
export async function* contentChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(LONGEST);
  let filled = 0;
  let hash = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const room = Math.min(bytes.length - at, LONGEST - filled);
      let taken = 0;
      let isCut = false;
      while (taken < room) {
        hash = ((hash << 1) + (GEAR[bytes[at + taken] as number] as number)) | 0;
        taken++;
        if ((hash & MASK) === 0 && filled + taken >= SHORTEST) {
          isCut = true;
          break;
        }
      }
      buffer.set(bytes.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (!isCut && filled < LONGEST) continue;
      yield buffer.subarray(0, filled);
      filled = 0;
      hash = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
