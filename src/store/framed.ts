import { inflateMember, zstdFrame } from "../compression/members.ts";
import { parseJson } from "../streams/json.ts";

/** Bytes before the header: four letters, the version of this format, the length of the header. */
const PREFIX = 12;
const MAGIC = [...new TextEncoder().encode("vrv1")];
const MAX_HEADER = 64 * 1024 * 1024;
const LEVEL = 3;

/** A zstd frame, and its size after decompression. */
export interface CompressedFrame {
  bytes: Uint8Array;
  size: number;
}

/** Fields of every header. Frames have a compressed and a decompressed length. */
interface FramedHeader {
  kind: string;
  version: number;
  frames: [length: number, size: number][];
}

/** An object in varve's format: a JSON header, then zstd frames that can be read separately. */
export interface Framed<Header extends object> {
  header: Header & FramedHeader;
  /** Bytes before the first frame. */
  offset: number;
  /** The data of all frames. Each is decompressed when it is requested. */
  frames(): Iterable<Uint8Array>;
}

/** Compresses data for a frame. */
export function compressFrame(data: Uint8Array): CompressedFrame {
  return { bytes: zstdFrame(data, LEVEL), size: data.length };
}

/** The parts, in order, of an object of this kind. */
export function encodeFramed(
  kind: string,
  version: number,
  header: object,
  frames: readonly CompressedFrame[],
): Uint8Array[] {
  const lengths = frames.map(({ bytes, size }) => [bytes.length, size]);
  const text = new TextEncoder().encode(JSON.stringify({ kind, version, frames: lengths, ...header }));
  const prefix = new Uint8Array(PREFIX);
  prefix.set(MAGIC);
  new DataView(prefix.buffer).setUint32(8, text.length, true);
  return [prefix, text, ...frames.map(({ bytes }) => bytes)];
}

/** Bytes of an object before its first frame; `decodeFramed` needs no more to read the header. */
export function framedHeaderSize(bytes: Uint8Array): number {
  return bytes.length < PREFIX ? 0 : PREFIX + new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
}

/** A stored object has another kind, or a version that is no longer supported. */
export class OtherFormatError extends TypeError {
  override name = "OtherFormatError";
}

/**
 * Reads an object of this kind and version.
 * @throws {OtherFormatError} for another kind or version
 * @throws {TypeError} for other bytes
 */
export function decodeFramed<Header extends object>(
  bytes: Uint8Array,
  kind: string,
  version: number,
): Framed<Header> {
  const wrong = (what: string) => new TypeError(`Cannot read a stored ${kind}: ${what}`);
  if (bytes.length < PREFIX || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw wrong("the object has another format");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const offset = PREFIX + length;
  if (length > MAX_HEADER || offset > bytes.length) throw wrong("its header is incomplete");
  const header = parseJson(new TextDecoder().decode(bytes.subarray(PREFIX, offset))) as Header & FramedHeader;
  if (header.kind !== kind || header.version !== version) {
    throw new OtherFormatError(
      `Cannot read a stored ${kind} of version ${version}: it is a ${header.kind} of version ${header.version}`,
    );
  }
  return {
    header,
    offset,
    *frames() {
      let at = offset;
      for (const [stored, size] of header.frames) {
        yield inflateMember(bytes.subarray(at, at + stored), "zstd", size);
        at += stored;
      }
    },
  };
}

/** Collects lines into frames of about 256 KiB. */
export class LineFrames {
  readonly frames: CompressedFrame[] = [];
  #lines: string[] = [];
  #length = 0;

  push(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#length >= LINES_PER_FRAME) this.flush();
  }

  /** Ends the last frame. */
  flush(): void {
    if (this.#lines.length === 0) return;
    this.frames.push(compressFrame(new TextEncoder().encode(`${this.#lines.join("\n")}\n`)));
    this.#lines = [];
    this.#length = 0;
  }
}
const LINES_PER_FRAME = 256 * 1024;
