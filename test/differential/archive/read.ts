import { type Member, type MemberType, typeflags } from "./member.ts";

const BLOCK = 512;
const decoder = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const types = new Map(Object.entries(typeflags).map(([type, flag]) => [flag, type as MemberType]));

/**
 * Decodes a name, which may have any bytes. Each byte that is not UTF-8 is encoded separately, so that different names
 * stay different.
 */
function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return Buffer.from(bytes)
      .toString("latin1")
      .replace(/[\x80-\xff]/g, (byte: string) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}

function field(block: Uint8Array, offset: number, length: number): string {
  const bytes = block.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return textOf(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Octal digits, or base 256 when the top bit is set (GNU). */
function number(block: Uint8Array, offset: number, length: number): number {
  const bytes = block.subarray(offset, offset + length);
  if (((bytes[0] ?? 0) & 0x80) === 0) return Number.parseInt(field(block, offset, length).trim() || "0", 8);
  return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}

function paxRecords(body: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(0x20, at);
    const length = Number(decoder.decode(body.subarray(at, space)));
    const equals = body.indexOf(0x3d, space);
    records.set(decoder.decode(body.subarray(space + 1, equals)), body.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}

/** The name as this folder spells it: without `./`, leading and trailing slashes. */
function cleaned(path: string): string {
  return path.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
}

/**
 * The members of a tar (ustar, pax or GNU long names), the root directory itself left out.
 *
 * @throws {Error} when a member has a type that no image contains
 */
export function readTar(tar: Uint8Array): Member[] {
  const members: Member[] = [];
  let pax = new Map<string, Uint8Array>();
  let long: { path?: string; link?: string } = {};
  let at = 0;
  while (at + BLOCK <= tar.length) {
    const block = tar.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const paxSize = pax.get("size");
    const size = paxSize ? Number(decoder.decode(paxSize)) : number(block, 124, 12);
    const body = tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const flag = field(block, 156, 1) || "0";
    if (flag === "x") pax = paxRecords(body);
    else if (flag === "L") long = { ...long, path: field(body, 0, body.length) };
    else if (flag === "K") long = { ...long, link: field(body, 0, body.length) };
    else if (flag !== "g") {
      const member = readMember(block, body, flag, pax, long);
      if (member.path !== "" && member.path !== ".") members.push(member);
      pax = new Map();
      long = {};
    }
  }
  return members;
}

function readMember(
  block: Uint8Array,
  body: Uint8Array,
  flag: string,
  pax: Map<string, Uint8Array>,
  long: { path?: string; link?: string },
): Member {
  const text = (key: string) => {
    const value = pax.get(key);
    return value === undefined ? undefined : textOf(value);
  };
  const prefix = field(block, 257, 6) === "ustar" ? field(block, 345, 155) : "";
  const short = field(block, 0, 100);
  const path = text("path") ?? long.path ?? (prefix ? `${prefix}/${short}` : short);
  const type = types.get(flag);
  if (type === undefined) throw new Error(`Cannot read tar member "${path}": type "${flag}" is unknown`);
  const member: Member = {
    path: cleaned(path),
    type,
    mode: number(block, 100, 8) & 0o7777,
    uid: Number(text("uid") ?? number(block, 108, 8)),
    gid: Number(text("gid") ?? number(block, 116, 8)),
    mtime: Math.floor(Number(text("mtime") ?? number(block, 136, 12))),
  };
  const link = text("linkpath") ?? long.link ?? field(block, 157, 100);
  if (type === "file") member.content = body;
  if (type === "symlink") member.link = link;
  if (type === "hardlink") member.link = cleaned(link);
  if (type === "char" || type === "block") {
    member.device = { major: number(block, 329, 8), minor: number(block, 337, 8) };
  }
  const xattrs = [...pax].filter(([key]) => key.startsWith("SCHILY.xattr."));
  if (xattrs.length > 0) {
    member.xattrs = Object.fromEntries(
      xattrs
        .map(([key, value]) => [key.slice("SCHILY.xattr.".length), Buffer.from(value).toString("base64")])
        .sort(),
    );
  }
  return member;
}
