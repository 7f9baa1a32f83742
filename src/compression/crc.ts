/** The CRC of bzip2: polynomial 0x04c11db7, highest bit first. Start with 0, go on with the result. */
export function crc32Msb(crc: number, bytes: Uint8Array): number {
  let value = ~crc;
  for (const byte of bytes) value = (value << 8) ^ (MSB_TABLE[(value >>> 24) ^ byte] as number);
  return ~value >>> 0;
}

/** CRC-64 of ECMA-182 as xz has it: reflected, polynomial 0xc96c5795d7870f42, in two halves for lack of 64 bits. */
export class Crc64 {
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    for (const byte of bytes) {
      const i = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (LOW_TABLE[i] as number);
      high = (high >>> 8) ^ (HIGH_TABLE[i] as number);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Eight bytes, lowest first. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, ~this.#low >>> 0, true);
    view.setUint32(4, ~this.#high >>> 0, true);
    return bytes;
  }
}

const MSB_TABLE = new Int32Array(256);
const LOW_TABLE = new Int32Array(256);
const HIGH_TABLE = new Int32Array(256);

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
