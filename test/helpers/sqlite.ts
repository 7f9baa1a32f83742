import { DatabaseSync } from "node:sqlite";
import type { Sql, SqlValue } from "../../src/garbage/tables.ts";

/** A SQLite database with the interface of a Durable Object's. */
export function sqlite(path = ":memory:"): Sql {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  return {
    exec<T extends Record<string, SqlValue>>(query: string, ...values: SqlValue[]) {
      const statement = prepared.get(query) ?? database.prepare(query);
      prepared.set(query, statement);
      const rows = statement.all(...values) as T[];
      return { toArray: () => rows };
    },
  };
}
