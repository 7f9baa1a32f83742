import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { concat } from "../../src/streams/concat.ts";

/** An entry of a pack that a test builds. */
export type TestEntry =
  | { type: "commit" | "tree" | "blob" | "tag"; data: Uint8Array; level?: number }
  /** A delta to the entry with that number, by its position in the pack. */
  | { type: "ofs-delta"; base: number; data: Uint8Array }
  /** A delta to the object with that id. */
  | { type: "ref-delta"; base: string; data: Uint8Array };

const CODES = { commit: 1, tree: 2, blob: 3, tag: 4, "ofs-delta": 6, "ref-delta": 7 };

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Git's id of an object. */
export function objectId(type: string, data: Uint8Array, hash = "sha1"): string {
  return createHash(hash).update(`${type} ${data.length}\0`).update(data).digest("hex");
}

/** A pack with a valid checksum; tests make other parts invalid. */
export function packOf(entries: readonly TestEntry[], count = entries.length): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0x5041434b);
  view.setUint32(4, 2);
  view.setUint32(8, count);
  const parts: Uint8Array[] = [head];
  const offsets: number[] = [];
  let offset = head.length;
  for (const entry of entries) {
    offsets.push(offset);
    const parent =
      entry.type === "ofs-delta"
        ? distance(offset - (offsets[entry.base] ?? 0))
        : entry.type === "ref-delta"
          ? Uint8Array.from(Buffer.from(entry.base, "hex"))
          : new Uint8Array(0);
    const level = "level" in entry ? entry.level : undefined;
    const data = Uint8Array.from(deflateSync(entry.data, level === undefined ? {} : { level }));
    const bytes = concat([sizeHeader(CODES[entry.type], entry.data.length), parent, data]);
    parts.push(bytes);
    offset += bytes.length;
  }
  return withChecksum(concat(parts));
}

export function withChecksum(bytes: Uint8Array): Uint8Array {
  return concat([bytes, new Uint8Array(createHash("sha1").update(bytes).digest())]);
}

function sizeHeader(code: number, size: number): Uint8Array {
  const bytes = [];
  let byte = (code << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Uint8Array.from([...bytes, byte]);
}

function distance(value: number): Uint8Array {
  const bytes = [value & 0x7f];
  for (let rest = (value >> 7) - 1; rest >= 0; rest = (rest >> 7) - 1) bytes.unshift(0x80 | (rest & 0x7f));
  return Uint8Array.from(bytes);
}

/** One instruction of a delta. */
export type Instruction = { copy: [offset: number, size: number] } | { insert: Uint8Array };

/** A delta in git's form. */
export function deltaOf(
  baseSize: number,
  resultSize: number,
  instructions: readonly Instruction[],
): Uint8Array {
  const parts = [varint(baseSize), varint(resultSize)];
  for (const instruction of instructions) {
    if ("insert" in instruction) {
      parts.push(Uint8Array.of(instruction.insert.length), instruction.insert);
      continue;
    }
    const [offset, size] = instruction.copy;
    const bytes = [0x80];
    const field = (value: number, count: number, bit: number) => {
      for (let i = 0; i < count; i++) {
        const byte = Math.floor(value / 2 ** (8 * i)) & 0xff;
        if (byte === 0) continue;
        bytes[0] = (bytes[0] as number) | (bit << i);
        bytes.push(byte);
      }
    };
    field(offset, 4, 1);
    if (size !== 0x10000) field(size, 3, 16);
    parts.push(Uint8Array.from(bytes));
  }
  return concat(parts);
}

function varint(value: number): Uint8Array {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
