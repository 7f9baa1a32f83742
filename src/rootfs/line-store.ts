import { concat } from "../streams/concat.ts";
import { Digester } from "../streams/sha256.ts";

const SEGMENT_BITS = 22;
/** 4 MiB. A line is within one segment, so none is longer. */
const SEGMENT_SIZE = 1 << SEGMENT_BITS;
/** As many as 32-bit places can address: 4 GiB. */
const SEGMENTS = 1 << (32 - SEGMENT_BITS);
const FIRST_SEGMENT = 16 * 1024;
/** After this many forks of forks, bytes are copied, because forks keep the bytes of replaced lines. */
const MAX_FORKS = 64;
const NEWLINE = 0x0a;

/** A range of lines with line ends. */
export interface LineChunk {
  bytes: Uint8Array;
  from: number;
  to: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Stores lines of text as bytes, addressed by number. Hundreds of thousands of lines are a few objects, which keeps
 * garbage collection fast.
 */
export class LineStore {
  readonly #segments: Uint8Array[] = [];
  /** Used bytes of the last segment. */
  #used = 0;
  /** Bytes written line by line, excluding adopted and shared bytes. */
  #written = 0;
  /** Number of stores, each a fork of the other, that share bytes with this one. */
  #forks = 0;
  /** Segment number and offset of each line. */
  #places: Uint32Array = new Uint32Array(64);
  #count = 0;

  /** Number of lines. */
  get count(): number {
    return this.#count;
  }

  /** Bytes in memory. Bytes that are shared with other stores count in each of them. */
  get memory(): number {
    let bytes = this.#places.byteLength;
    for (const segment of this.#segments) bytes += segment.length;
    return bytes;
  }

  /** Adds a line (without its end) and returns its number. @throws {RangeError} for one of 4 MiB or more */
  push(line: string): number {
    const number = this.#count;
    this.#reserveNumber();
    this.#places[number] = this.#write(line);
    this.#count++;
    return number;
  }

  /** Replaces a line. The bytes of the old one are not freed. */
  replace(number: number, line: string): void {
    this.#places[number] = this.#write(line);
  }

  /**
   * Adds whole lines with their ends, without copying: the store owns `bytes` afterwards. Most efficient with some
   * megabytes per call.
   * @throws {RangeError} when the last line has no end
   */
  pushAll(bytes: Uint8Array): void {
    if (bytes.length > 0 && bytes.at(-1) !== NEWLINE)
      throw new RangeError("Cannot keep a line without an end");
    for (let start = 0; start < bytes.length; ) {
      // Cut after the last line end within the length of a segment.
      const end = bytes.length - start <= SEGMENT_SIZE ? bytes.length : lastLineEnd(bytes, start);
      const segment = bytes.subarray(start, end);
      this.#addSegment(segment);
      this.#used = segment.length;
      const base = (this.#segments.length - 1) * SEGMENT_SIZE;
      for (let at = 0; at < segment.length; at = segment.indexOf(NEWLINE, at) + 1) {
        this.#reserveNumber();
        this.#places[this.#count++] = base + at;
      }
      start = end;
    }
  }

  /** The segment of a line, and its offset there. */
  locate(number: number): { bytes: Uint8Array; start: number } {
    const place = this.#places[number] ?? 0;
    return { bytes: this.#segments[place >>> SEGMENT_BITS] as Uint8Array, start: place & (SEGMENT_SIZE - 1) };
  }

  /** The bytes of a line without its end. */
  bytes(number: number): Uint8Array {
    const { bytes, start } = this.locate(number);
    return bytes.subarray(start, bytes.indexOf(NEWLINE, start));
  }

  text(number: number): string {
    return decoder.decode(this.bytes(number));
  }

  /** `sha256:<hex>` of a range of lines with their ends. */
  digest(from: number, to: number): string {
    const digester = new Digester();
    // Hash adjacent lines together.
    let run: { bytes: Uint8Array; start: number; end: number } | undefined;
    const flush = () => {
      if (run !== undefined) digester.update(run.bytes.subarray(run.start, run.end));
    };
    for (let number = from; number < to; number++) {
      const { bytes, start } = this.locate(number);
      const end = bytes.indexOf(NEWLINE, start) + 1;
      if (run?.bytes === bytes && run.end === start) run.end = end;
      else {
        flush();
        run = { bytes, start, end };
      }
    }
    flush();
    return digester.digest();
  }

  /** Reorders the lines: the new line 0 is the old line `order[0]`, and so on. */
  reorder(order: Uint32Array): void {
    const places = new Uint32Array(Math.max(1, order.length));
    for (let i = 0; i < order.length; i++) places[i] = this.#places[order[i] as number] as number;
    this.#places = places;
    this.#count = order.length;
  }

  /** A store of some of the lines, in this order, which shares their bytes. */
  select(order: Uint32Array): LineStore {
    const selected = this.fork();
    selected.reorder(order);
    return selected;
  }

  /** A copy that shares the bytes of existing lines. Writes affect only one of the two. */
  fork(): LineStore {
    const fork = new LineStore();
    if (this.#forks < MAX_FORKS) {
      fork.#forks = this.#forks + 1;
      fork.#segments.push(...this.#segments);
      fork.#used = this.#segments.at(-1)?.length ?? 0;
      fork.#places = this.#places.slice(0, this.#count);
      fork.#count = this.#count;
    } else {
      for (const { bytes } of this.chunks(0, this.#count, SEGMENT_SIZE / 2)) fork.pushAll(bytes);
    }
    return fork;
  }

  /** A range of lines, by default all, in chunks of about `size` bytes. */
  *chunks(from = 0, to = this.#count, size = 256 * 1024): Generator<LineChunk> {
    let parts: Uint8Array[] = [];
    let length = 0;
    let first = from;
    for (let i = from; i < to; i++) {
      const { bytes, start } = this.locate(i);
      const line = bytes.subarray(start, bytes.indexOf(NEWLINE, start) + 1);
      parts.push(line);
      length += line.length;
      if (length < size) continue;
      yield { bytes: concat(parts), from: first, to: i + 1 };
      parts = [];
      length = 0;
      first = i + 1;
    }
    if (length > 0) yield { bytes: concat(parts), from: first, to };
  }

  #write(line: string): number {
    // A UTF-16 code unit takes at most three bytes.
    const maxBytes = line.length * 3 + 1;
    let segment = this.#segments.at(-1);
    if (segment === undefined || this.#used + maxBytes > segment.length) {
      segment = this.#makeRoom(line, maxBytes);
    }
    const start = this.#used;
    const { written } = encoder.encodeInto(line, segment.subarray(start));
    segment[start + written] = NEWLINE;
    this.#used = start + written + 1;
    this.#written += written + 1;
    return (this.#segments.length - 1) * SEGMENT_SIZE + start;
  }

  #makeRoom(line: string, maxBytes: number): Uint8Array {
    if (maxBytes > SEGMENT_SIZE) throw new RangeError(`Cannot keep a line of ${line.length} characters`);
    const last = this.#segments.at(-1);
    // The first segment grows, so that small tables use little memory.
    if (last !== undefined && this.#segments.length === 1 && this.#used + maxBytes <= SEGMENT_SIZE) {
      const larger = new Uint8Array(Math.min(SEGMENT_SIZE, Math.max(last.length * 2, this.#used + maxBytes)));
      larger.set(last.subarray(0, this.#used));
      this.#segments[0] = larger;
      return larger;
    }
    // Later segments double in size, so that a fork that adds a line uses little memory.
    const size = Math.min(SEGMENT_SIZE, Math.max(FIRST_SEGMENT, this.#written, maxBytes));
    const segment = new Uint8Array(size);
    this.#addSegment(segment);
    this.#used = 0;
    return segment;
  }

  #addSegment(segment: Uint8Array): void {
    if (this.#segments.length === SEGMENTS) throw new RangeError("Cannot keep more than 4 GiB of lines");
    this.#segments.push(segment);
  }

  #reserveNumber(): void {
    if (this.#count < this.#places.length) return;
    const larger = new Uint32Array(this.#places.length * 2);
    larger.set(this.#places);
    this.#places = larger;
  }
}

function lastLineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.lastIndexOf(NEWLINE, start + SEGMENT_SIZE - 1) + 1;
  if (end <= start) throw new RangeError("Cannot keep a line of 4 MiB or more");
  return end;
}
