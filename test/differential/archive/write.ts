import { type Member, typeflags } from "./member.ts";

const BLOCK = 512;
const encoder = new TextEncoder();

/** Whether a text fits ustar's fields without a prefix and without a record of its character set. */
function fitsHeader(name: string): boolean {
  return name.length <= 99 && /^[\x20-\x7e]*$/.test(name);
}

/** A time that ustar can hold; PAX holds the others. */
function fitsField(mtime: number): boolean {
  return mtime >= 0 && mtime < 8 ** 11;
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, "0");
}

function header(fields: {
  name: string;
  typeflag: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  linkname: string;
  device?: { major: number; minor: number } | undefined;
}): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, offset: number) => block.set(encoder.encode(text), offset);
  put(fields.name, 0);
  put(octal(fields.mode, 8), 100);
  put(octal(fields.uid, 8), 108);
  put(octal(fields.gid, 8), 116);
  put(octal(fields.size, 12), 124);
  put(octal(fitsField(fields.mtime) ? fields.mtime : 0, 12), 136);
  put("        ", 148);
  put(fields.typeflag, 156);
  put(fields.linkname, 157);
  put("ustar\u000000", 257);
  put(octal(fields.device?.major ?? 0, 8), 329);
  put(octal(fields.device?.minor ?? 0, 8), 337);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 7)}\0 `, 148);
  return block;
}

/** `<length> key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = encoder.encode(` ${key}=`);
  const tail = rest.length + value.length + 1;
  let length = tail + 1;
  while (String(length).length + tail !== length) length = String(length).length + tail;
  const record = new Uint8Array(length);
  record.set(encoder.encode(String(length)));
  record.set(rest, length - tail);
  record.set(value, length - 1 - value.length);
  record[length - 1] = 0x0a;
  return record;
}

function padded(content: Uint8Array): Uint8Array[] {
  const rest = content.length % BLOCK;
  return rest === 0 ? [content] : [content, new Uint8Array(BLOCK - rest)];
}

/** The time of members that have none, in seconds since 1970. */
export const USUAL_TIME = 1_600_000_000;

/** A POSIX tar of the members, in the order given; the same members give the same bytes. */
export function writeTar(members: Iterable<Member>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const member of members) {
    const name = member.type === "dir" ? `${member.path}/` : member.path;
    const { link: linkname = "", mtime = USUAL_TIME } = member;
    const content = member.content ?? new Uint8Array();
    const pax: Uint8Array[] = [];
    if (!fitsHeader(name)) pax.push(paxRecord("path", encoder.encode(name)));
    if (!fitsHeader(linkname)) pax.push(paxRecord("linkpath", encoder.encode(linkname)));
    if (!fitsField(mtime)) pax.push(paxRecord("mtime", encoder.encode(String(mtime))));
    for (const [key, value] of Object.entries(member.xattrs ?? {}).sort()) {
      pax.push(paxRecord(`SCHILY.xattr.${key}`, Buffer.from(value, "base64")));
    }
    if (pax.length > 0) {
      const body = Buffer.concat(pax);
      const plain = { mode: 0o644, uid: 0, gid: 0, mtime, linkname: "" };
      parts.push(header({ ...plain, name: "pax", typeflag: "x", size: body.length }), ...padded(body));
    }
    parts.push(
      header({
        name: fitsHeader(name) ? name : "long",
        typeflag: typeflags[member.type],
        mode: member.mode,
        uid: member.uid,
        gid: member.gid,
        size: content.length,
        mtime,
        linkname: fitsHeader(linkname) ? linkname : "long",
        device: member.device,
      }),
      ...padded(content),
    );
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}
