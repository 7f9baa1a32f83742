import { DatabaseSync } from "node:sqlite";
import type { ObjectInfo } from "../../store/object-store.ts";

/** A file with bytes of an object. */
export interface ObjectFile {
  name: string;
  size: number;
  /** Hex digest of the whole file, if it was computed while the file was written. */
  sha256?: string;
}

/** Contents of an object: bytes in the index, or files to concatenate. */
export type ObjectContents = { bytes: Uint8Array } | { files: readonly ObjectFile[] };

export type IndexedObject = ObjectInfo & { contents: ObjectContents };

type Row = {
  key: string;
  size: number;
  metadata: string;
  uploaded: number;
  bytes: Uint8Array | null;
  /** JSON of a list of `ObjectFile`. */
  files: string | null;
};

type RemovedRow = Pick<Row, "files"> | undefined;

/** Keys to objects. Each change is atomic and survives a crash of the process. */
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
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS objects (
        key TEXT PRIMARY KEY, size INTEGER NOT NULL, metadata TEXT NOT NULL, bytes BLOB, files TEXT,
        uploaded INTEGER NOT NULL
      ) WITHOUT ROWID`);
    const columns = "(key, size, metadata, bytes, files, uploaded) VALUES (?, ?, ?, ?, ?, ?)";
    this.#find = database.prepare("SELECT * FROM objects WHERE key = ?");
    this.#insert = database.prepare(`INSERT OR IGNORE INTO objects ${columns}`);
    this.#replace = database.prepare(`INSERT OR REPLACE INTO objects ${columns}`);
    this.#remove = database.prepare("DELETE FROM objects WHERE key = ? RETURNING files");
    this.#list = database.prepare(
      "SELECT key, size, metadata, uploaded FROM objects WHERE key > ? AND key >= ? ORDER BY key LIMIT ?",
    );
    this.#database = database;
  }

  find(key: string): IndexedObject | undefined {
    const row = this.#find.get(key) as Row | undefined;
    if (row === undefined) return undefined;
    return { ...info(row), contents: contentsOf(row) };
  }

  /** Adds an object. Returns false when its key exists. */
  insert(object: IndexedObject): boolean {
    return this.#insert.run(...values(object)).changes === 1;
  }

  /** Adds or replaces an object. Returns the files that are no longer used. */
  replace(object: IndexedObject): ObjectFile[] {
    const before = this.#find.get(object.key) as RemovedRow;
    this.#replace.run(...values(object));
    return filesOf(before);
  }

  /** Removes keys, known or not. Returns the files that are no longer used. */
  remove(keys: readonly string[]): ObjectFile[] {
    return this.#atOnce(() => this.#removeAll(keys));
  }

  /**
   * Adds or replaces an object that takes over the files of `parts`, which are removed. Returns the files that are no
   * longer used. Returns false when its key exists and `ifAbsent` is set, undefined when one of the parts was removed in
   * the meantime. Nothing changes in both cases.
   */
  take(
    object: IndexedObject,
    parts: readonly IndexedObject[],
    ifAbsent: boolean,
  ): ObjectFile[] | false | undefined {
    return this.#atOnce(() => {
      if (!parts.every((part) => this.#isStillThere(part))) return undefined;
      if (ifAbsent && this.find(object.key) !== undefined) return false;
      const unused = this.replace(object);
      this.#removeAll(parts.map(({ key }) => key));
      return unused;
    });
  }

  /** At most `limit` objects whose keys start with a prefix, in byte order, after a key. */
  list(prefix: string, after: string, limit: number): ObjectInfo[] {
    const rows = this.#list.all(after, prefix, limit) as Row[];
    const end = rows.findIndex(({ key }) => !key.startsWith(prefix));
    return (end === -1 ? rows : rows.slice(0, end)).map(info);
  }

  close(): void {
    this.#database.close();
  }

  /** Names of files are unique, so equal names mean an unchanged object. */
  #isStillThere({ key, contents }: IndexedObject): boolean {
    const now = this.find(key)?.contents;
    if (now === undefined || !("files" in contents)) return now !== undefined;
    return "files" in now && now.files[0]?.name === contents.files[0]?.name;
  }

  #removeAll(keys: readonly string[]): ObjectFile[] {
    return keys.flatMap((key) => filesOf(this.#remove.get(key) as RemovedRow));
  }

  #atOnce<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      try {
        this.#database.exec("ROLLBACK");
      } catch {
        // A full disk has rolled the transaction back already.
      }
      throw error;
    }
  }
}

function info({ key, size, metadata, uploaded }: Row): ObjectInfo {
  return { key, size, metadata: JSON.parse(metadata), uploaded };
}

function contentsOf(row: Row): ObjectContents {
  return row.files === null ? { bytes: row.bytes ?? new Uint8Array() } : { files: filesOf(row) };
}

function filesOf(row: RemovedRow): ObjectFile[] {
  return row?.files == null ? [] : JSON.parse(row.files);
}

function values({ key, size, metadata, uploaded, contents }: IndexedObject) {
  const bytes = "bytes" in contents ? contents.bytes : null;
  const files = "files" in contents ? JSON.stringify(contents.files) : null;
  return [key, size, JSON.stringify(metadata), bytes, files, uploaded] as const;
}
