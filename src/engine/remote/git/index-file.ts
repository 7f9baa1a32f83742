import { createHash } from "node:crypto";
import { concat } from "../../../streams/concat.ts";
import { fromHex } from "../../../streams/hex.ts";
import { sortNumbers } from "../../../streams/sort.ts";
import { encodeName } from "../../../tar/text.ts";
import { type CheckoutEntry, ENTRY_COST } from "./checkout.ts";
import type { ObjectFormat } from "./object-format.ts";

const MODES = { file: 0o100644, executable: 0o100755, symlink: 0o120000, module: 0o160000 };
/** Bytes of the stat fields: times, device, inode, mode, owner and size. Git refreshes them when they are 0. */
const STAT = 40;
const MODE_AT = 24;
const MAX_NAME = 0xfff;
/** Cost of comparing two names, besides their bytes. */
const COMPARING = 32;

interface Listed {
  name: Uint8Array;
  mode: number;
  id: string;
}

/**
 * The index of a checkout (gitformat-index(5), version 2), without stat data. Works in pieces: see `inTurns`.
 */
export function* indexFile(
  entries: Iterable<CheckoutEntry>,
  format: ObjectFormat,
): Generator<number, Uint8Array, undefined> {
  const listed: Listed[] = [];
  for (const { path, kind, id } of entries) {
    yield ENTRY_COST;
    if (kind !== "dir") listed.push({ name: encodeName(path), mode: MODES[kind], id });
  }
  const order = Uint32Array.from(listed.keys());
  const meter = { work: 0 };
  const compare = (a: number, b: number) => {
    const [left, right] = [(listed[a] as Listed).name, (listed[b] as Listed).name];
    meter.work += COMPARING + 4 * Math.min(left.length, right.length);
    return compareBytes(left, right);
  };
  yield* sortNumbers(order, compare, meter);
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x44495243);
  view.setUint32(4, 2);
  view.setUint32(8, listed.length);
  const parts = [header];
  for (const index of order) {
    yield ENTRY_COST;
    const { name, mode, id } = listed[index] as Listed;
    const fixed = STAT + format.idBytes + 2;
    // One to eight zeros end a name, so that the length of every entry is a multiple of eight.
    const bytes = new Uint8Array((fixed + name.length + 8) & ~7);
    const fields = new DataView(bytes.buffer);
    fields.setUint32(MODE_AT, mode);
    bytes.set(fromHex(id), STAT);
    fields.setUint16(fixed - 2, Math.min(name.length, MAX_NAME));
    bytes.set(name, fixed);
    parts.push(bytes);
  }
  const bytes = concat(parts);
  return concat([bytes, new Uint8Array(createHash(format.name).update(bytes).digest())]);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  }
  return a.length - b.length;
}
