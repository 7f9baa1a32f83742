import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, gunzipSync, zstdDecompressSync } from "node:zlib";

/** First bytes of gzip members (RFC 1952) and zstd frames (RFC 8878). */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Files below some folders in which a text stands: plainly, encoded, or in anything that is compressed in them. */
export async function filesWithSecret(secret: string, ...folders: string[]): Promise<string[]> {
  const needles = formsOf(secret);
  const found: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      for (const part of [bytes, ...unpacked(bytes)]) {
        if (needles.some((needle) => part.includes(needle))) found.push(path);
      }
    }
  }
  return [...new Set(found)];
}

/** As it may be written: in bytes of UTF-8 and UTF-16, hex, and base64 of all that it may be in the middle of. */
export function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Without the characters that depend on what stands before and after.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const texts = [
    secret,
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    encodeURIComponent(secret),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
  return [...new Set(texts)].map((text) => Buffer.from(text)).concat(Buffer.from(secret, "utf16le"));
}

function* unpacked(bytes: Buffer): Generator<Buffer> {
  yield* each(bytes, GZIP, (part) => gunzipSync(part, { finishFlush: constants.Z_SYNC_FLUSH }));
  yield* each(bytes, ZSTD, (part) => zstdDecompressSync(part, { finishFlush: constants.ZSTD_e_flush }));
}

function* each(bytes: Buffer, magic: Buffer, unpack: (part: Buffer) => Buffer): Generator<Buffer> {
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    try {
      yield unpack(bytes.subarray(at));
    } catch {
      // It only looked as if something compressed began there, or what follows is something else.
      yield* upToEnd(bytes.subarray(at), unpack);
    }
  }
}

/** What stands behind a member keeps it from being read with all the rest: it ends where the next one begins. */
function* upToEnd(bytes: Buffer, unpack: (part: Buffer) => Buffer): Generator<Buffer> {
  for (const magic of [GZIP, ZSTD]) {
    const end = bytes.indexOf(magic, 1);
    if (end < 0) continue;
    try {
      yield unpack(bytes.subarray(0, end));
    } catch {
      // Likewise.
    }
  }
}
