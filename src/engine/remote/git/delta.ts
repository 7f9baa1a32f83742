import { GitError } from "./git-error.ts";

/** The sizes at the start of a delta, and the offset of its instructions. */
interface DeltaHeader {
  baseSize: number;
  resultSize: number;
  start: number;
}

/** Reads the header of a delta. @throws {GitError} */
export function readDeltaHeader(delta: Uint8Array): DeltaHeader {
  const base = readSize(delta, 0);
  const result = readSize(delta, base.end);
  return { baseSize: base.value, resultSize: result.value, start: result.end };
}

/** Size of the parts of a result in bytes. */
const PART = 65536;
const SHORT = 32;

/**
 * Applies a delta to its base, in parts of at most 64 KiB (gitformat-pack(5), "Deltified representation"). Yields
 * exactly `resultSize` bytes, or throws `GitError`, which invalidates the parts so far.
 */
export function* applyDelta(
  base: Uint8Array,
  delta: Uint8Array,
  header: DeltaHeader,
): Generator<Uint8Array, void, undefined> {
  if (base.length !== header.baseSize) {
    throw corruptError(`its base must have ${header.baseSize} bytes, not ${base.length}`);
  }
  let missing = header.resultSize;
  let part = new Uint8Array(Math.min(missing, PART));
  let used = 0;
  let at = header.start;
  while (at < delta.length) {
    const instruction = delta[at++] as number;
    let source: Uint8Array;
    let offset = 0;
    let size = 0;
    if (instruction & 0x80) {
      source = base;
      for (let bit = 0; bit < 4; bit++)
        if (instruction & (1 << bit)) offset += byteAt(delta, at++) * 2 ** (8 * bit);
      for (let bit = 0; bit < 3; bit++)
        if (instruction & (16 << bit)) size += byteAt(delta, at++) << (8 * bit);
      if (size === 0) size = 0x10000;
      if (offset + size > base.length) throw corruptError("it copies from beyond the end of its base");
    } else {
      if (instruction === 0) throw corruptError("it has a reserved instruction");
      source = delta;
      offset = at;
      size = instruction;
      at += size;
      if (at > delta.length) throw corruptError("it ends inside an instruction");
    }
    if (size > missing) throw corruptError(`it makes more than ${header.resultSize} bytes`);
    missing -= size;
    for (const end = offset + size; offset < end; ) {
      const until = Math.min(end, offset + part.length - used);
      // Copy short pieces byte by byte: creating millions of views would take most of the time.
      if (until - offset < SHORT) while (offset < until) part[used++] = source[offset++] as number;
      else {
        part.set(source.subarray(offset, until), used);
        used += until - offset;
        offset = until;
      }
      if (used < part.length) continue;
      yield part;
      part = new Uint8Array(Math.min(missing + end - offset, PART));
      used = 0;
    }
  }
  if (missing > 0)
    throw corruptError(`it makes ${header.resultSize - missing} bytes instead of ${header.resultSize}`);
}

function readSize(delta: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; ; scale *= 128) {
    const byte = byteAt(delta, at++);
    value += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(value)) throw corruptError("its size is too large");
    if ((byte & 0x80) === 0) return { value, end: at };
  }
}

function byteAt(delta: Uint8Array, at: number): number {
  const byte = delta[at];
  if (byte === undefined) throw corruptError("it ends inside an instruction");
  return byte;
}

function corruptError(why: string): GitError {
  return new GitError("git-corrupt", `Cannot apply a delta of the pack: ${why}`);
}
