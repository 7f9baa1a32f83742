import { DatabaseSync } from "node:sqlite";
import type { ObjectInfo } from "../../store/object-store.ts";

/** Where the contents of an object are: in the index itself, or in a file of this name. */
export type Contents = { bytes: Uint8Array } | { file: string };

export type IndexedObject = ObjectInfo & { contents: Contents };

interface Row {
  key: string;
  size: number;
  metadata: string;
  uploaded: number;
  bytes: Uint8Array | null;
  file: string | null;
}

/** Keys to objects. Each change is atomic, and survives the end of the process however it comes. */
export class ObjectIndex {
  readonly #database: DatabaseSync;
  readonly #find;
  readonly #insert;
  readonly #replace;
  readonly #remove;
  readonly #list;

  constructor(path: string) {
    const database = new DatabaseSync(path);
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS objects (
        key TEXT PRIMARY KEY, size INTEGER NOT NULL, metadata TEXT NOT NULL, bytes BLOB, file TEXT,
        uploaded INTEGER NOT NULL
      ) WITHOUT ROWID`);
    const columns = "(key, size, metadata, bytes, file, uploaded) VALUES (?, ?, ?, ?, ?, ?)";
    this.#find = database.prepare("SELECT * FROM objects WHERE key = ?");
    this.#insert = database.prepare(`INSERT OR IGNORE INTO objects ${columns}`);
    this.#replace = database.prepare(`INSERT OR REPLACE INTO objects ${columns}`);
    this.#remove = database.prepare("DELETE FROM objects WHERE key = ? RETURNING file");
    this.#list = database.prepare(
      "SELECT key, size, metadata, uploaded FROM objects WHERE key > ? AND key >= ? ORDER BY key LIMIT ?",
    );
    this.#database = database;
  }

  find(key: string): IndexedObject | undefined {
    const row = this.#find.get(key) as unknown as Row | undefined;
    if (row === undefined) return undefined;
    return { ...info(row), contents: contentsOf(row) };
  }

  /** Adds an object unless its key is taken; false then. */
  insert(object: IndexedObject): boolean {
    return this.#insert.run(...values(object)).changes === 1;
  }

  /** Adds an object in place of what the key had; gives the file that nobody names any more. */
  replace(object: IndexedObject): string | undefined {
    const before = this.#find.get(object.key) as unknown as Row | undefined;
    this.#replace.run(...values(object));
    return before?.file ?? undefined;
  }

  /** Removes keys, known or not; gives the files that nobody names any more. */
  remove(keys: readonly string[]): string[] {
    this.#database.exec("BEGIN IMMEDIATE");
    const files = keys.flatMap(
      (key) => (this.#remove.get(key) as { file: string | null } | undefined)?.file ?? [],
    );
    this.#database.exec("COMMIT");
    return files;
  }

  /** At most `limit` objects whose keys start with a prefix, in byte order, after a key. */
  list(prefix: string, after: string, limit: number): ObjectInfo[] {
    const rows = this.#list.all(after, prefix, limit) as unknown as Row[];
    const end = rows.findIndex(({ key }) => !key.startsWith(prefix));
    return (end === -1 ? rows : rows.slice(0, end)).map(info);
  }

  close(): void {
    this.#database.close();
  }
}

function info({ key, size, metadata, uploaded }: Row): ObjectInfo {
  return { key, size, metadata: JSON.parse(metadata), uploaded };
}

function contentsOf({ bytes, file }: Row): Contents {
  return file === null ? { bytes: bytes ?? new Uint8Array() } : { file };
}

function values({ key, size, metadata, uploaded, contents }: IndexedObject) {
  const bytes = "bytes" in contents ? contents.bytes : null;
  const file = "file" in contents ? contents.file : null;
  return [key, size, JSON.stringify(metadata), bytes, file, uploaded] as const;
}
