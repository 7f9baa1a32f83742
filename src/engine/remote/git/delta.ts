import { GitError } from "./git-error.ts";

/** The sizes at the start of a delta, and where its instructions begin. */
export interface DeltaHeader {
  baseSize: number;
  resultSize: number;
  start: number;
}

/** Reads the sizes a delta begins with. Throws `GitError`. */
export function readDeltaHeader(delta: Uint8Array): DeltaHeader {
  const base = readSize(delta, 0);
  const result = readSize(delta, base.end);
  return { baseSize: base.value, resultSize: result.value, start: result.end };
}

/**
 * What a delta makes of its base, in parts that are views of the two (gitformat-pack(5), "Deltified
 * representation"). Exactly `resultSize` bytes, or a `GitError`, of which nothing given before may be believed.
 */
export function* applyDelta(
  base: Uint8Array,
  delta: Uint8Array,
  header: DeltaHeader,
): Generator<Uint8Array, void, undefined> {
  if (base.length !== header.baseSize) {
    throw corrupt(`it is made for ${header.baseSize} bytes and there are ${base.length}`);
  }
  let produced = 0;
  let at = header.start;
  while (at < delta.length) {
    const instruction = delta[at++] as number;
    let part: Uint8Array;
    if (instruction & 0x80) {
      let offset = 0;
      let size = 0;
      for (let bit = 0; bit < 4; bit++)
        if (instruction & (1 << bit)) offset += byteAt(delta, at++) * 2 ** (8 * bit);
      for (let bit = 0; bit < 3; bit++)
        if (instruction & (16 << bit)) size += byteAt(delta, at++) << (8 * bit);
      if (size === 0) size = 0x10000;
      if (offset + size > base.length) throw corrupt("it copies from beyond the end of its base");
      part = base.subarray(offset, offset + size);
    } else {
      if (instruction === 0) throw corrupt("it has an instruction of no meaning");
      part = delta.subarray(at, at + instruction);
      if (part.length < instruction) throw corrupt("it ends inside an instruction");
      at += instruction;
    }
    produced += part.length;
    if (produced > header.resultSize) throw corrupt(`it makes more than ${header.resultSize} bytes`);
    yield part;
  }
  if (produced !== header.resultSize)
    throw corrupt(`it makes ${produced} bytes instead of ${header.resultSize}`);
}

function readSize(delta: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; ; scale *= 128) {
    const byte = byteAt(delta, at++);
    value += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(value)) throw corrupt("its size is too large");
    if ((byte & 0x80) === 0) return { value, end: at };
  }
}

function byteAt(delta: Uint8Array, at: number): number {
  const byte = delta[at];
  if (byte === undefined) throw corrupt("it ends inside an instruction");
  return byte;
}

function corrupt(why: string): GitError {
  return new GitError("git-corrupt", `Cannot apply a delta of the pack: ${why}`);
}
