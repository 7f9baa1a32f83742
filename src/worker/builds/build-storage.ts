import type { BuildInputs, BuildRecord } from "../../../schemas/build.ts";
import type { CachePolicy } from "../../../schemas/options.ts";
import type { BuildMemory, LayerRecord } from "../../engine/solve/step-cache.ts";
import { maskAll } from "../../engine/url-credentials.ts";
import type { HeldSecrets } from "./build-secrets.ts";
import type { StartOptions } from "./build-service.ts";
import { rowsOf } from "./rows.ts";

/** State of a build, apart from its inputs. */
export interface State {
  /** Host of the request that started the build. */
  host: string;
  record: BuildRecord;
  /** Attempts to execute the build. */
  attempts: number;
  /** Names of the secrets that the client sent. */
  secrets: readonly string[];
  /** URLs of the inputs contain users or passwords, which are in memory only. */
  hasCredentials?: boolean;
  /** Registries whose credentials the client sent. The credentials are in memory only. */
  registries?: readonly string[];
  /** Look up names of images without a host on this server first. */
  prefersOwn?: boolean;
  /** Ids of the secrets and SSH agents of the client's runner. */
  held?: HeldSecrets;
  /** The policy for storing intermediate results after the build. */
  cache?: CachePolicy;
  /** Some runners of clients were not disconnected yet. */
  isOffered?: boolean;
  /** Runners may hold snapshots of the build. */
  usesRunners?: boolean;
  /** Only runners of clients execute steps, because each client that joined the build requested that. */
  only?: boolean;
}

/** The state of a build before its first attempt. */
export function initialState(
  record: BuildRecord,
  host: string,
  hasCredentials: boolean,
  { cache, secrets = {}, logins = {}, prefersOwn = false, offer }: StartOptions,
): State {
  return {
    host,
    record,
    attempts: 0,
    secrets: Object.keys(secrets),
    hasCredentials,
    registries: Object.keys(logins),
    prefersOwn,
    ...(cache && { cache }),
    ...(offer && { held: { secrets: offer.secrets, ssh: offer.ssh } }),
    only: offer?.runner === "only",
  };
}

/** Data of a build that survives crashes: its inputs, its state and its finished steps. */
export class BuildStorage implements BuildMemory {
  readonly #sql: SqlStorage;
  readonly #kv: SyncKvStorage;

  constructor({ sql, kv }: DurableObjectStorage) {
    this.#sql = sql;
    this.#kv = kv;
    sql.exec("CREATE TABLE IF NOT EXISTS inputs (part INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    sql.exec("CREATE TABLE IF NOT EXISTS spools (key TEXT PRIMARY KEY)");
    sql.exec("CREATE TABLE IF NOT EXISTS steps (key TEXT PRIMARY KEY, record TEXT NOT NULL)");
    sql.exec("CREATE TABLE IF NOT EXISTS began (key TEXT PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID");
  }

  /** The stored state; undefined when there is none. */
  static stateIn({ kv }: DurableObjectStorage): State | undefined {
    return kv.get<State>("state");
  }

  keepState(state: State): void {
    this.#kv.put("state", state);
  }

  inputs(): BuildInputs {
    const rows = this.#sql.exec<{ text: string }>("SELECT text FROM inputs ORDER BY part").toArray();
    return JSON.parse(rows.map(({ text }) => text).join(""));
  }

  /**
   * Stores the inputs without users and passwords in URLs, because SQLite keeps deleted data in its file.
   * @returns whether there were any, so that only the current instance can execute the build
   */
  keepInputs(inputs: BuildInputs): boolean {
    this.#sql.exec("DELETE FROM inputs");
    const masked = maskAll(inputs);
    for (const [part, text] of rowsOf(masked).entries())
      this.#sql.exec("INSERT INTO inputs (part, text) VALUES (?, ?)", part, text);
    return JSON.stringify(masked) !== JSON.stringify(inputs);
  }

  /** Deletes the inputs, because build arguments can be passwords. */
  forgetInputs(): void {
    this.#sql.exec("DELETE FROM inputs");
  }

  recall(keys: readonly string[]): Map<string, LayerRecord> {
    const found = new Map<string, LayerRecord>();
    for (const key of keys) {
      const [row] = this.#sql
        .exec<{ record: string }>("SELECT record FROM steps WHERE key = ?", key)
        .toArray();
      if (row !== undefined) found.set(key, JSON.parse(row.record) as LayerRecord);
    }
    return found;
  }

  remember(key: string, record: LayerRecord): void {
    this.#sql.exec("INSERT OR REPLACE INTO steps (key, record) VALUES (?, ?)", key, JSON.stringify(record));
  }

  began(key: string): number {
    this.#sql.exec("INSERT OR IGNORE INTO began (key, time) VALUES (?, ?)", key, Date.now());
    return this.#sql.exec<{ time: number }>("SELECT time FROM began WHERE key = ?", key).one().time;
  }

  /** Layers that the running build needs. In memory only, because restarting the build collects them again. */
  readonly held = new Set<string>();

  hold(digest: string): void {
    this.held.add(digest);
  }

  forgetSteps(): void {
    this.held.clear();
    this.#sql.exec("DELETE FROM steps");
    this.#sql.exec("DELETE FROM began");
  }

  /** Records the key of a temporary object, so that `takeSpools` returns it. */
  keepSpool(key: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO spools (key) VALUES (?)", key);
  }

  /** Removes and returns the recorded keys. */
  takeSpools(): string[] {
    return this.#sql
      .exec<{ key: string }>("DELETE FROM spools RETURNING key")
      .toArray()
      .map(({ key }) => key);
  }
}
