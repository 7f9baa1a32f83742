import type { ClientRunner } from "../../../schemas/client-runner.ts";

/** Time in milliseconds for which a job waits for the runner of its client, before other runners may execute it. */
export const EXPECTED_MS = 20_000;

/**
 * `expected`: offered, not connected yet. `here`: connected. `gone`: disconnected, and may reconnect.
 */
type Presence = "expected" | "here" | "gone";

/** A runner that a client offered for its build. Its token is valid for this runner only. */
export interface BuildRunner extends ClientRunner {
  build: string;
  presence: Presence;
  /** Time of the offer, in milliseconds since 1970. */
  since: number;
}

/** The runners of clients, by the SHA-256 of their tokens. They are removed when their build ends. */
export class BuildRunners {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS build_runners (
      token TEXT PRIMARY KEY, build TEXT NOT NULL, offer TEXT NOT NULL, presence TEXT NOT NULL,
      since INTEGER NOT NULL)`);
  }

  add(build: string, token: string, offer: ClientRunner): void {
    this.#sql.exec(
      "INSERT INTO build_runners (token, build, offer, presence, since) VALUES (?, ?, ?, 'expected', ?)",
      token,
      build,
      JSON.stringify(offer),
      Date.now(),
    );
  }

  /** The runner with this token; undefined when no running build has it. */
  find(token: string): BuildRunner | undefined {
    return this.#select("WHERE token = ?", token)[0];
  }

  ofBuild(build: string): BuildRunner[] {
    return this.#select("WHERE build = ?", build);
  }

  /** Whether a runner that a client offered to execute the steps of a build is about to connect. */
  isExpected(build: string): boolean {
    return this.ofBuild(build).some(
      ({ runner, presence, since }) =>
        runner !== "spare" && presence === "expected" && Date.now() - since < EXPECTED_MS,
    );
  }

  setPresence(token: string, presence: Presence): void {
    this.#sql.exec("UPDATE build_runners SET presence = ? WHERE token = ?", presence, token);
  }

  /** Removes the runners that were offered for a build up to a time. @returns the SHA-256 of their tokens */
  remove(build: string, until: number): string[] {
    const removed = this.#sql.exec<{ token: string }>(
      "DELETE FROM build_runners WHERE build = ? AND since <= ? RETURNING token",
      build,
      until,
    );
    return removed.toArray().map(({ token }) => token);
  }

  #select(rest: string, value: string): BuildRunner[] {
    return this.#sql
      .exec<{ build: string; offer: string; presence: Presence; since: number }>(
        `SELECT build, offer, presence, since FROM build_runners ${rest}`,
        value,
      )
      .toArray()
      .map(({ offer, ...row }) => ({ ...row, ...(JSON.parse(offer) as ClientRunner) }));
  }
}
