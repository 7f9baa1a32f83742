import { createHash } from "node:crypto";
import { concat } from "../../../streams/concat.ts";
import { encodeName } from "../../../tar/text.ts";
import { fromHex } from "../hex.ts";
import type { CheckoutEntry } from "./checkout.ts";
import type { ObjectFormat } from "./object-format.ts";

const MODES = { file: 0o100644, executable: 0o100755, symlink: 0o120000, module: 0o160000 };
/** Times, device, inode, owner and size, which git looks up again when they are 0, and the mode among them. */
const STAT = 40;
const MODE_AT = 24;
const LONGEST_NAME = 0xfff;

/** The list of checked out files that git keeps (gitformat-index(5), version 2), nothing known of them but ids. */
export function indexFile(entries: Iterable<CheckoutEntry>, format: ObjectFormat): Uint8Array {
  const listed: { name: Uint8Array; mode: number; id: string }[] = [];
  for (const { path, kind, id } of entries) {
    if (kind !== "dir") listed.push({ name: encodeName(path), mode: MODES[kind], id });
  }
  listed.sort((a, b) => compareBytes(a.name, b.name));
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x44495243);
  view.setUint32(4, 2);
  view.setUint32(8, listed.length);
  const parts = [header];
  for (const { name, mode, id } of listed) {
    const fixed = STAT + format.idBytes + 2;
    // One to eight zeros end a name, so that every entry is a multiple of eight bytes long.
    const bytes = new Uint8Array((fixed + name.length + 8) & ~7);
    const fields = new DataView(bytes.buffer);
    fields.setUint32(MODE_AT, mode);
    bytes.set(fromHex(id), STAT);
    fields.setUint16(fixed - 2, Math.min(name.length, LONGEST_NAME));
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
