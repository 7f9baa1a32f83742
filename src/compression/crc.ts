/** The CRC of bzip2: polynomial 0x04c11db7, highest bit first. Start with 0 and continue with the result. */
export function crc32Msb(crc: number, bytes: Uint8Array): number {
  let value = ~crc;
  for (let i = 0; i < bytes.length; i++) {
    value = (value << 8) ^ (MSB_TABLE[(value >>> 24) ^ (bytes[i] as number)] as number);
  }
  return ~value >>> 0;
}

/** The CRC-64 of ECMA-182 as used by xz: reflected, polynomial 0xc96c5795d7870f42, as two 32-bit halves. */
export class Crc64 {
  #low = -1;
  #high = -1;

  update(bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    let i = 0;
    // Four bytes at a time, with a table for each position.
    for (; i + 4 <= bytes.length; i += 4) {
      const a = (low ^ (bytes[i] as number)) & 0xff;
      const b = ((low >>> 8) ^ (bytes[i + 1] as number)) & 0xff;
      const c = ((low >>> 16) ^ (bytes[i + 2] as number)) & 0xff;
      const d = (low >>> 24) ^ (bytes[i + 3] as number);
      low =
        high ^
        (LOW_TABLE[768 + a] as number) ^
        (LOW_TABLE[512 + b] as number) ^
        (LOW_TABLE[256 + c] as number) ^
        (LOW_TABLE[d] as number);
      high =
        (HIGH_TABLE[768 + a] as number) ^
        (HIGH_TABLE[512 + b] as number) ^
        (HIGH_TABLE[256 + c] as number) ^
        (HIGH_TABLE[d] as number);
    }
    for (; i < bytes.length; i++) {
      const index = (low ^ (bytes[i] as number)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (LOW_TABLE[index] as number);
      high = (high >>> 8) ^ (HIGH_TABLE[index] as number);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Eight bytes, lowest first. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, ~this.#low, true);
    view.setInt32(4, ~this.#high, true);
    return bytes;
  }
}

const MSB_TABLE = new Int32Array(256);
/** Four tables of 256: the effect of a byte on the sum, with 0 to 3 bytes after it. */
const LOW_TABLE = new Int32Array(1024);
const HIGH_TABLE = new Int32Array(1024);

for (let i = 0; i < 256; i++) {
  let msb = i << 24;
  let low = i;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    msb = (msb << 1) ^ (msb < 0 ? 0x04c11db7 : 0);
    const isOdd = (low & 1) !== 0;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      low ^= 0xd7870f42;
      high ^= 0xc96c5795;
    }
  }
  MSB_TABLE[i] = msb;
  LOW_TABLE[i] = low;
  HIGH_TABLE[i] = high;
}
for (let i = 256; i < 1024; i++) {
  const low = LOW_TABLE[i - 256] as number;
  const high = HIGH_TABLE[i - 256] as number;
  LOW_TABLE[i] = ((low >>> 8) | (high << 24)) ^ (LOW_TABLE[low & 0xff] as number);
  HIGH_TABLE[i] = (high >>> 8) ^ (HIGH_TABLE[low & 0xff] as number);
}
