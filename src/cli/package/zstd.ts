import { Duplex } from "node:stream";
import { Decompress } from "fzstd";
import { FrameScanner, readMagic } from "../../compression/zstd-frame.ts";
import { concat } from "../../streams/concat.ts";

// zstd for versions of Node without it (before 22.15), by `fzstd`, with the errors of `node:zlib`.

/** Bytes of input decompressed at a time: blocks that repeat one byte (RFC 8878, 3.1.1.2.2) can make 32 MB of these. */
const SLICE = 1024;
/** `fzstd` waits for so many bytes of a frame before it allocates the window. */
const HEAD = 18;
/** Largest window of a frame in bytes, as in `unzstd`. */
const MAX_WINDOW = 2 ** 25;

/** Decompresses frames. Calls `output` with each block. */
class FrameDecoder {
  readonly #fzstd: Decompress;
  #scanner = new FrameScanner();
  #head: Uint8Array = new Uint8Array();
  /** A skippable frame only comes last. */
  #isSkippable = false;

  constructor(output: (block: Uint8Array) => void) {
    this.#fzstd = new Decompress((block) => block.length > 0 && output(block));
  }

  /** @throws {Error} when the bytes are damaged, or a frame needs too much memory */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const rest = bytes.subarray(at, at + SLICE);
      if (this.#isSkippable || (this.#head.length === 0 && readMagic(rest)?.kind === "skippable")) {
        this.#isSkippable = true;
        this.#fzstd.push(rest);
        at += rest.length;
        continue;
      }
      const part = rest.subarray(0, this.#scanner.scan(rest));
      this.#check(part);
      this.#fzstd.push(part);
      at += part.length;
      if (this.#scanner.isEnded) this.#begin();
    }
  }

  /** @throws {Error} when the last frame is cut off */
  end(): void {
    if (this.#head.length > 0) throw new Error("unexpected end of file");
    this.#fzstd.push(new Uint8Array(), true);
  }

  #begin(): void {
    this.#scanner = new FrameScanner();
    this.#head = new Uint8Array();
  }

  /** Reads the size of the window as soon as the header of the frame is complete. */
  #check(part: Uint8Array): void {
    if (this.#head.length >= HEAD) return;
    this.#head = concat([this.#head, part.subarray(0, HEAD - this.#head.length)]);
    if (this.#head.length < HEAD && !this.#scanner.isEnded) return;
    if (windowSize(this.#head) > MAX_WINDOW) throw new Error("Frame requires too much memory for decoding");
  }
}

/** The size of a frame's window, in bytes (RFC 8878, 3.1.1.1.2); that of its contents if it is a single segment. */
function windowSize(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const descriptor = view.getUint8(4);
  if ((descriptor & 0x20) === 0) {
    const window = view.getUint8(5);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const dictionaryId = descriptor & 3;
  const at = 5 + (dictionaryId === 3 ? 4 : dictionaryId);
  switch (descriptor >> 6) {
    case 0:
      return view.getUint8(at);
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/** Decompresses all of `bytes`. @throws {RangeError} when there are more bytes than `maxOutputLength` */
export function decompressZstd(bytes: Uint8Array, maxOutputLength = Number.POSITIVE_INFINITY): Buffer {
  const blocks: Uint8Array[] = [];
  let length = 0;
  const decoder = new FrameDecoder((block) => {
    blocks.push(block);
    length += block.length;
    if (length > maxOutputLength)
      throw new RangeError(`Cannot create a Buffer larger than ${maxOutputLength} bytes`);
  });
  decoder.push(bytes);
  decoder.end();
  return Buffer.concat(blocks);
}

/** The stream of `createZstdDecompress`: reads no further while its output is not read. */
export class ZstdDecompressStream extends Duplex {
  bytesWritten = 0;
  readonly #decoder = new FrameDecoder((block) => {
    this.#hasRoom = this.push(block);
  });
  #hasRoom = true;
  #chunk: Uint8Array = new Uint8Array();
  #done: ((error?: Error | null) => void) | undefined;

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#chunk = chunk;
    this.#done = done;
    this.#work();
  }

  override _read(): void {
    this.#hasRoom = true;
    this.#work();
  }

  override _final(done: (error?: Error | null) => void): void {
    try {
      this.#decoder.end();
      this.push(null);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  #work(): void {
    const done = this.#done;
    if (done === undefined) return;
    try {
      while (this.#hasRoom && this.#chunk.length > 0) {
        const slice = this.#chunk.subarray(0, SLICE);
        this.#chunk = this.#chunk.subarray(slice.length);
        this.bytesWritten += slice.length;
        this.#decoder.push(slice);
      }
    } catch (error) {
      this.#done = undefined;
      done(error as Error);
      return;
    }
    if (this.#chunk.length > 0) return;
    this.#done = undefined;
    done();
  }
}
