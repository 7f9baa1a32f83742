/** RFC 8878, 3.1.1.2.3: no block is larger. */
const BLOCK = 128 * 1024;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** RFC 8878, 3.1.1.1.1: one segment, its size in eight bytes, no checksum. */
const DESCRIPTOR = 0b1110_0000;

/**
 * A zstd frame of raw blocks (RFC 8878): slightly longer than its contents, and readable by all decoders.
 * @param ends whether the last block is marked as the last one; otherwise the caller appends more blocks
 */
export function storedFrame(bytes: Uint8Array, ends: boolean): Uint8Array {
  const blocks = Math.max(ends ? 1 : 0, Math.ceil(bytes.length / BLOCK));
  const frame = new Uint8Array(MAGIC.length + 1 + 8 + blocks * 3 + bytes.length);
  frame.set(MAGIC);
  frame[4] = DESCRIPTOR;
  new DataView(frame.buffer).setBigUint64(5, BigInt(bytes.length), true);
  let at = 13;
  for (let block = 0; block < blocks; block++) {
    const contents = bytes.subarray(block * BLOCK, (block + 1) * BLOCK);
    const header = (contents.length << 3) | (ends && block === blocks - 1 ? 1 : 0);
    frame.set([header & 0xff, (header >> 8) & 0xff, header >> 16], at);
    frame.set(contents, at + 3);
    at += 3 + contents.length;
  }
  return frame;
}
