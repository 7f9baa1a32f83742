import { concat } from "../../src/streams/concat.ts";
import type { Entry } from "../../src/tar/entry.ts";
import { sumBytes } from "../../src/tar/header.ts";
import { writePax } from "../../src/tar/pax.ts";
import { readTar, type TarOptions } from "../../src/tar/read.ts";
import { encodeMember, endOfArchive, padding } from "../../src/tar/write.ts";
import { cut, Source, utf8 } from "../streams/source.ts";

/** An entry; omitted fields have default values. */
export function entry(given: Partial<Entry> & { path: string }): Entry {
  return { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, ...given };
}

/** A member as written by varve. */
export function member(
  given: Partial<Entry> & { path: string },
  contents: string | Uint8Array = "",
): Uint8Array {
  const bytes = typeof contents === "string" ? utf8(contents) : contents;
  return concat([encodeMember(entry({ size: bytes.length, ...given })), bytes, padding(bytes.length)]);
}

/** Raw fields of a header that varve itself never writes. */
export interface RawFields {
  name?: string | Uint8Array;
  mode?: string;
  uid?: string | Uint8Array;
  gid?: string;
  size?: string | Uint8Array;
  mtime?: string | Uint8Array;
  checksum?: string;
  type?: string;
  linkname?: string;
  magic?: string;
  major?: string;
  minor?: string;
  prefix?: string;
  /** Other bytes by offset. */
  at?: Record<number, string | Uint8Array>;
}

const OFFSETS = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  type: 156,
  linkname: 157,
  magic: 257,
  major: 329,
  minor: 337,
  prefix: 345,
} as const;

const USTAR = "ustar\x0000";
export const GNU = "ustar  \0";

/** A header block of these fields, with the right checksum unless another is given. */
export function rawHeader(fields: RawFields): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, value: string | Uint8Array) =>
    block.set(typeof value === "string" ? utf8(value) : value, at);
  const all: RawFields = { name: "f", size: "0", type: "0", magic: USTAR, ...fields };
  for (const [field, at] of Object.entries(OFFSETS)) {
    const value = all[field as keyof typeof OFFSETS];
    if (value !== undefined) put(at, value);
  }
  for (const [at, value] of Object.entries(fields.at ?? {})) put(Number(at), value);
  put(148, fields.checksum ?? `${sumBytes(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** A raw header with contents, whose size it states unless another is given. */
export function rawMember(fields: RawFields, contents: string | Uint8Array = ""): Uint8Array {
  const bytes = typeof contents === "string" ? utf8(contents) : contents;
  return concat([rawHeader({ size: bytes.length.toString(8), ...fields }), bytes, padding(bytes.length)]);
}

/** An extended header of these records. */
export function pax(records: Record<string, string | Uint8Array>, type = "x"): Uint8Array {
  return rawMember({ name: "PaxHeaders/x", type }, writePax(Object.entries(records)));
}

export function archive(...members: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat([...members, endOfArchive]) as Uint8Array<ArrayBuffer>;
}

export interface ReadMember {
  entry: Entry;
  name: string;
  contents: Uint8Array;
}

/** All members of an archive that is read in chunks of `chunkSize` bytes. */
export async function readAll(
  bytes: Uint8Array,
  options: TarOptions = {},
  chunkSize = 65536,
): Promise<ReadMember[]> {
  const members: ReadMember[] = [];
  for await (const { entry, name, body } of readTar(new Source(cut(bytes, chunkSize)), options)) {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    members.push({ entry, name, contents: concat(parts) });
  }
  return members;
}

/** The one entry of an archive. */
export async function readOne(bytes: Uint8Array, options: TarOptions = {}): Promise<Entry> {
  const [first] = await readAll(bytes, options);
  if (first === undefined) throw new Error("the archive is empty");
  return first.entry;
}

export function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
