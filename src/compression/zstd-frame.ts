import { CompressionError } from "./error.ts";

/** Bytes that `readMagic` needs, if there are so many. */
export const MAGIC_SIZE = 8;

const FRAME = 0xfd2fb528;
/** RFC 8878, 3.1.2: sixteen magic numbers, which differ in the lowest four bits. */
const SKIPPABLE = 0x184d2a50;

/** The kind of a frame; for a skippable one the bytes after its size field. */
type Magic = { kind: "frame" } | { kind: "skippable"; size: number };

/** Reads a magic number, and the size of a skippable frame. Undefined for any other bytes. */
export function readMagic(bytes: Uint8Array): Magic | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0, true);
  if (magic === FRAME) return { kind: "frame" };
  if ((magic & ~15) !== SKIPPABLE) return undefined;
  return { kind: "skippable", size: bytes.length < MAGIC_SIZE ? 0 : view.getUint32(4, true) };
}

/** RFC 8878, 3.1.1.2: types of blocks. */
const RLE = 1;
const RESERVED = 3;

/** Finds the end of a frame by the sizes of its blocks (RFC 8878, 3.1.1), in chunks of any size. */
export class FrameScanner {
  isEnded = false;
  /** Missing bytes of the current part, and the part itself. */
  #missing = MAGIC_SIZE_OF_FRAME;
  #part: "magic" | "descriptor" | "header" | "block header" | "block" | "checksum" = "magic";
  #hasChecksum = false;
  #isLast = false;
  /** The block header so far, lowest byte first. */
  #blockHeader = 0;
  #blockHeaderBits = 0;

  /** Scans the next bytes; returns how many belong to the frame. */
  scan(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && !this.isEnded) {
      if (this.#part === "descriptor") {
        this.#readDescriptor(chunk[at++] as number);
      } else if (this.#part === "block header") {
        this.#blockHeader |= (chunk[at++] as number) << this.#blockHeaderBits;
        this.#blockHeaderBits += 8;
        if (this.#blockHeaderBits === 24) this.#readBlockHeader();
      } else {
        const step = Math.min(this.#missing, chunk.length - at);
        at += step;
        this.#missing -= step;
        if (this.#missing === 0) this.#next();
      }
    }
    return at;
  }

  #readDescriptor(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 4) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
    const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] as number;
    this.#begin("header", (isSingleSegment ? 0 : 1) + dictionary + contentSize);
  }

  #readBlockHeader(): void {
    const type = (this.#blockHeader >>> 1) & 3;
    const size = this.#blockHeader >>> 3;
    if (type === RESERVED) throw new CompressionError("corrupt", "zstd", "block of a reserved type");
    this.#isLast = (this.#blockHeader & 1) !== 0;
    this.#begin("block", type === RLE ? 1 : size);
  }

  #begin(part: "header" | "block" | "checksum", bytes: number): void {
    this.#part = part;
    this.#missing = bytes;
    if (bytes === 0) this.#next();
  }

  /** Moves on after a complete part. */
  #next(): void {
    if (this.#part === "magic") {
      this.#part = "descriptor";
    } else if (this.#part === "checksum" || (this.#part === "block" && this.#isLast && !this.#hasChecksum)) {
      this.isEnded = true;
    } else if (this.#part === "block" && this.#isLast) {
      this.#begin("checksum", 4);
    } else {
      this.#part = "block header";
      this.#blockHeader = 0;
      this.#blockHeaderBits = 0;
    }
  }
}

const MAGIC_SIZE_OF_FRAME = 4;
