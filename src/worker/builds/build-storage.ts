import type { BuildInputs, BuildRecord } from "../../../schemas/build.ts";
import type { CachePolicy } from "../../../schemas/options.ts";
import type { BuildMemory, LayerRecord } from "../../engine/solve/step-cache.ts";
import { maskAll } from "../../engine/url-credentials.ts";
import type { HeldSecrets } from "./build-secrets.ts";
import { rowsOf } from "./rows.ts";

/** What is known of a build besides its inputs. */
export interface State {
  /** Under which the server was asked. */
  host: string;
  record: BuildRecord;
  /** How often the build was begun. */
  attempts: number;
  /** Names of the secrets that came with it. */
  secrets: readonly string[];
  /** URLs of its inputs have users or passwords, which are in memory only. */
  hasCredentials?: boolean;
  /** Hosts of registries whose credentials came with it, which are in memory only. */
  registries?: readonly string[];
  /** Names of images without a host are first looked up on this server. */
  prefersOwn?: boolean;
  /** What the runner beside the client has. */
  held?: HeldSecrets;
  /** Which intermediate results are stored after the build. */
  cache?: CachePolicy;
  /** Clients have offered runners of their own, which are not dismissed yet. */
  isOffered?: boolean;
  /** Runners hold snapshots of the build. */
  usesRunners?: boolean;
  /** Everybody who asked wants steps to be carried out by a runner of their own. */
  only?: boolean;
}

/** What the object of a build keeps through crashes: inputs, state, and the steps that are finished. */
export class BuildStorage implements BuildMemory {
  readonly #sql: SqlStorage;
  readonly #kv: SyncKvStorage;

  constructor({ sql, kv }: DurableObjectStorage) {
    this.#sql = sql;
    this.#kv = kv;
    sql.exec("CREATE TABLE IF NOT EXISTS inputs (part INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    sql.exec("CREATE TABLE IF NOT EXISTS spools (key TEXT PRIMARY KEY)");
    sql.exec("CREATE TABLE IF NOT EXISTS steps (key TEXT PRIMARY KEY, record TEXT NOT NULL)");
  }

  state(): State | undefined {
    return this.#kv.get<State>("state");
  }

  keepState(state: State): void {
    this.#kv.put("state", state);
  }

  inputs(): BuildInputs {
    const rows = this.#sql.exec<{ text: string }>("SELECT text FROM inputs ORDER BY part").toArray();
    return JSON.parse(rows.map(({ text }) => text).join(""));
  }

  /**
   * Stores the inputs without the users and passwords of their URLs: what SQLite deletes stays in its file.
   * @returns whether there are any, so that nothing but the instance in memory can execute the build
   */
  keepInputs(inputs: BuildInputs): boolean {
    this.#sql.exec("DELETE FROM inputs");
    const masked = maskAll(inputs);
    for (const [part, text] of rowsOf(masked).entries())
      this.#sql.exec("INSERT INTO inputs (part, text) VALUES (?, ?)", part, text);
    return JSON.stringify(masked) !== JSON.stringify(inputs);
  }

  /** A build that has ended is not begun again, and its arguments may be passwords. */
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

  /** Layers that the running build needs. In memory only: an instance that begins it again holds them again. */
  readonly held = new Set<string>();

  hold(digest: string): void {
    this.held.add(digest);
  }

  forgetSteps(): void {
    this.held.clear();
    this.#sql.exec("DELETE FROM steps");
  }

  /** Notes an object that is of no use when the build does not go on from here. */
  keepSpool(key: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO spools (key) VALUES (?)", key);
  }

  /** Keys that were noted, and are no more. */
  takeSpools(): string[] {
    return this.#sql
      .exec<{ key: string }>("DELETE FROM spools RETURNING key")
      .toArray()
      .map(({ key }) => key);
  }
}
