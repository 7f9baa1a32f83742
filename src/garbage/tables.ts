export type SqlValue = string | number | null;

/** A SQLite database: that of a Durable Object when deployed. */
export interface Sql {
  exec<T extends Record<string, SqlValue>>(query: string, ...values: SqlValue[]): { toArray(): T[] };
}

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS gone (key TEXT PRIMARY KEY) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS manifests (digest TEXT PRIMARY KEY) WITHOUT ROWID",
  `CREATE TABLE IF NOT EXISTS edges (
    manifest TEXT NOT NULL, child TEXT NOT NULL, PRIMARY KEY (manifest, child)) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS edges_child ON edges (child)",
  "CREATE TABLE IF NOT EXISTS contexts (key TEXT PRIMARY KEY, uploaded INTEGER NOT NULL) WITHOUT ROWID",
  `CREATE TABLE IF NOT EXISTS context_packs (
    context TEXT NOT NULL, pack TEXT NOT NULL, PRIMARY KEY (context, pack)) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS context_packs_pack ON context_packs (pack)",
  `CREATE TABLE IF NOT EXISTS repositories (
    name TEXT PRIMARY KEY, tags INTEGER NOT NULL, manifests INTEGER NOT NULL, blobs INTEGER NOT NULL,
    bytes INTEGER NOT NULL, fingerprint TEXT NOT NULL, run TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS tags_here (
    tag TEXT PRIMARY KEY, digest TEXT NOT NULL, uploaded INTEGER NOT NULL, gone INTEGER NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS tags_here_digest ON tags_here (digest)",
  `CREATE TABLE IF NOT EXISTS manifests_here (
    digest TEXT PRIMARY KEY, subject TEXT, uploaded INTEGER NOT NULL, gone INTEGER NOT NULL) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS manifests_here_subject ON manifests_here (subject)",
  "CREATE TABLE IF NOT EXISTS blobs_here (digest TEXT PRIMARY KEY, uploaded INTEGER NOT NULL) WITHOUT ROWID",
];

/**
 * State of garbage collection between steps and runs. It can be rebuilt: with empty tables, the next run reads the whole
 * store once.
 */
export class CollectorTables {
  readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
    for (const statement of SCHEMA) sql.exec(statement);
  }

  rows<T extends Record<string, SqlValue>>(query: string, ...values: SqlValue[]): T[] {
    return this.sql.exec<T>(query, ...values).toArray();
  }

  /** A value that is kept between runs, as JSON. */
  fact<T>(name: string): T | undefined {
    const [row] = this.rows<{ value: string }>("SELECT value FROM facts WHERE name = ?", name);
    return row === undefined ? undefined : (JSON.parse(row.value) as T);
  }

  keepFact(name: string, value: unknown): void {
    this.sql.exec("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, JSON.stringify(value));
  }

  /** Keys that a dry run would delete. */
  markGone(keys: readonly string[]): void {
    this.sql.exec("INSERT OR IGNORE INTO gone SELECT value FROM json_each(?)", JSON.stringify(keys));
  }

  isGone(key: string): boolean {
    return this.rows("SELECT 1 FROM gone WHERE key = ?", key).length > 0;
  }

  /** The given manifests whose children are not known. */
  unknownManifests(digests: readonly string[]): Set<string> {
    const query = `SELECT value FROM json_each(?) WHERE value NOT IN (SELECT digest FROM manifests)`;
    return new Set(this.rows<{ value: string }>(query, JSON.stringify(digests)).map(({ value }) => value));
  }

  /** Records the children of a manifest. They never change, because the manifest is addressed by its digest. */
  recordChildren(manifest: string, children: readonly string[]): void {
    this.sql.exec(
      "INSERT OR IGNORE INTO edges SELECT ?, value FROM json_each(?)",
      manifest,
      JSON.stringify(children),
    );
    this.sql.exec("INSERT OR IGNORE INTO manifests VALUES (?)", manifest);
  }

  forgetManifest(digest: string): void {
    this.sql.exec("DELETE FROM edges WHERE manifest = ?", digest);
    this.sql.exec("DELETE FROM manifests WHERE digest = ?", digest);
  }

  /** Records the packs of a stored context or listing. */
  recordContext(key: string, uploaded: number, packs: readonly string[]): void {
    this.forgetContext(key);
    this.sql.exec("INSERT INTO contexts VALUES (?, ?)", key, uploaded);
    this.sql.exec(
      "INSERT OR IGNORE INTO context_packs SELECT ?, value FROM json_each(?)",
      key,
      JSON.stringify(packs),
    );
  }

  forgetContext(key: string): void {
    this.sql.exec("DELETE FROM contexts WHERE key = ?", key);
    this.sql.exec("DELETE FROM context_packs WHERE context = ?", key);
  }

  /** Whether a context or listing that is not deleted uses a pack. @param hex the pack's digest in hex */
  isPackUsed(hex: string): boolean {
    const query = `SELECT 1 FROM context_packs
      WHERE pack = ? AND context NOT IN (SELECT key FROM gone) LIMIT 1`;
    return this.rows(query, hex).length > 0;
  }
}
