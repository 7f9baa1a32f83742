import type { ClientRunner } from "../../../schemas/runner.ts";

/** How long a job waits for the runner that its client offered before others may execute it. */
export const expectedMilliseconds = 20_000;

/**
 * `expected`: it was offered and has not come yet. `here`: it has come. `gone`: it has come and left, and may be back.
 */
type Presence = "expected" | "here" | "gone";

/** A runner that a client offered for its build; the token that it was given stands for no other. */
export interface BuildRunner extends ClientRunner {
  build: string;
  presence: Presence;
  /** When it was offered, in milliseconds since 1970. */
  since: number;
}

/** The runners beside clients, by the SHA-256 of their tokens. Each ends with its build. */
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

  /** Undefined for a token of no build that runs. */
  find(token: string): BuildRunner | undefined {
    return this.#select("WHERE token = ?", token)[0];
  }

  ofBuild(build: string): BuildRunner[] {
    return this.#select("WHERE build = ?", build);
  }

  /** Whether the runner of a client of a build is on its way, and is to execute its steps. */
  isExpected(build: string): boolean {
    return this.ofBuild(build).some(
      ({ runner, presence, since }) =>
        runner !== "spare" && presence === "expected" && Date.now() - since < expectedMilliseconds,
    );
  }

  setPresence(token: string, presence: Presence): void {
    this.#sql.exec("UPDATE build_runners SET presence = ? WHERE token = ?", presence, token);
  }

  /** Removes the runners of a build that were offered until a moment. @returns their tokens, as SHA-256 */
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
