import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { constants, gunzipSync, zstdDecompressSync } from "node:zlib";

/** First bytes of gzip members (RFC 1952) and zstd frames (RFC 8878). */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** `SQLITE_BUSY`: a program has locked the database. */
const BUSY = 5;
/** First bytes of SQLite databases. */
const SQLITE = Buffer.from("SQLite format 3\0");

/** Files in folders that contain a text: plain, encoded, or in compressed data. */
export async function filesWithSecret(secret: string, ...folders: string[]): Promise<string[]> {
  const { secret: found = [] } = await placesOfSecrets({ secret }, ...folders);
  return found;
}

/** The same for several texts by name, without those that were not found. Also reads the rows of SQLite databases. */
export async function placesOfSecrets(
  secrets: Record<string, string>,
  ...folders: string[]
): Promise<Record<string, string[]>> {
  const needles = Object.entries(secrets).map(([name, secret]) => ({ name, forms: formsOf(secret) }));
  const found = new Map<string, Set<string>>();
  const search = (place: string, bytes: Buffer) => {
    for (const part of [bytes, ...unpacked(bytes)]) {
      for (const { name, forms } of needles) {
        if (!forms.some((form) => part.includes(form))) continue;
        found.set(name, (found.get(name) ?? new Set()).add(place));
      }
    }
  };
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      search(path, bytes);
      if (bytes.subarray(0, SQLITE.length).equals(SQLITE))
        for (const [table, row] of rowsOf(path)) search(`${path}: ${table}`, row);
    }
  }
  return Object.fromEntries([...found].map(([name, places]) => [name, [...places]]));
}

/** The values of all rows of a database, with their tables, because the file stores large values in pieces. */
function* rowsOf(path: string): Generator<[table: string, row: Buffer]> {
  const database = new DatabaseSync(path, { readOnly: true, readBigInts: true });
  try {
    for (const { name } of database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()) {
      for (const row of database.prepare(`SELECT * FROM "${name}"`).iterate()) {
        for (const value of Object.values(row)) {
          const isText = typeof value === "string" || value instanceof Uint8Array;
          if (isText) yield [String(name), Buffer.from(value as Uint8Array)];
        }
      }
    }
  } catch (error) {
    // It is read after its program has ended.
    if ((error as { errcode?: number }).errcode !== BUSY) throw error;
  } finally {
    database.close();
  }
}

/** Encodings of a text: UTF-8, UTF-16, hex, and base64 at each alignment. */
export function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Without the characters that depend on the bytes before and after.
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
      // Not compressed data, or other data follows it.
      yield* upToEnd(bytes.subarray(at), unpack);
    }
  }
}

/** Decompresses a member up to the start of the next one, because data after a member is an error. */
function* upToEnd(bytes: Buffer, unpack: (part: Buffer) => Buffer): Generator<Buffer> {
  for (const magic of [GZIP, ZSTD]) {
    const end = bytes.indexOf(magic, 1);
    if (end < 0) continue;
    try {
      yield unpack(bytes.subarray(0, end));
    } catch {
      // Not compressed data, or other data follows it.
    }
  }
}
