import type { Job, JobFailure } from "../../schemas/runner.ts";

/**
 * `queued`: waits for a runner. `running`: a connected runner has it. `lost`: its runner is gone and may come back.
 * `done`: its diff is stored. `failed`: says why.
 */
export type JobState = "queued" | "running" | "lost" | "done" | "failed";

/** What is kept of a job: nothing of what its process is given, which may hold secrets. */
export interface JobRow {
  id: string;
  platform: string;
  state: JobState;
  /** Id of the connection of its runner. */
  runner: string | null;
  /** How often a runner was given it. */
  attempts: number;
  /** SHA-256 of its token. */
  token: string;
  /** Digests of the layers that it may read, as JSON. */
  layers: string;
  /** Its diff is stored. */
  diff: number;
  /** A `JobFailure`, as JSON. */
  failure: string | null;
  timeout: number;
  /** When its state changed, in milliseconds since 1970. */
  since: number;
}

/** Where the diff of a job lies until its layer is written. */
export function diffKey(job: string): string {
  return `diffs/${job}`;
}

/** The jobs that builds wait for, through crashes and hibernation. */
export class JobTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS jobs (
      place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, platform TEXT NOT NULL, state TEXT NOT NULL,
      runner TEXT, attempts INTEGER NOT NULL, token TEXT NOT NULL, layers TEXT NOT NULL, diff INTEGER NOT NULL,
      failure TEXT, timeout INTEGER NOT NULL, since INTEGER NOT NULL)`);
  }

  find(id: string): JobRow | undefined {
    return this.#select("WHERE id = ?", id)[0];
  }

  /** In the order in which they were offered. */
  inState(state: JobState): JobRow[] {
    return this.#select("WHERE state = ? ORDER BY place", state);
  }

  ofRunner(runner: string): JobRow[] {
    return this.#select("WHERE runner = ? AND state = 'running'", runner);
  }

  all(): JobRow[] {
    return this.#select("ORDER BY place");
  }

  /** Queues a job, unless it is known. */
  add(job: Job, token: string, layers: readonly string[]): void {
    this.#sql.exec(
      `INSERT OR IGNORE INTO jobs (id, platform, state, attempts, token, layers, diff, timeout, since)
       VALUES (?, ?, 'queued', 0, ?, ?, 0, ?, ?)`,
      job.id,
      job.platform,
      token,
      JSON.stringify(layers),
      job.timeoutSeconds,
      Date.now(),
    );
  }

  assign(id: string, runner: string, attempts: number): void {
    this.#sql.exec(
      "UPDATE jobs SET state = 'running', runner = ?, attempts = ?, since = ? WHERE id = ?",
      runner,
      attempts,
      Date.now(),
      id,
    );
  }

  setState(id: string, state: "queued" | "lost" | "done"): void {
    this.#sql.exec("UPDATE jobs SET state = ?, since = ? WHERE id = ?", state, Date.now(), id);
  }

  fail(id: string, failure: JobFailure): void {
    this.#sql.exec(
      "UPDATE jobs SET state = 'failed', failure = ?, since = ? WHERE id = ?",
      JSON.stringify(failure),
      Date.now(),
      id,
    );
  }

  setDiff(id: string): void {
    this.#sql.exec("UPDATE jobs SET diff = 1 WHERE id = ?", id);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM jobs WHERE id = ?", id);
  }

  #select(rest: string, ...values: string[]): JobRow[] {
    const rows = this.#sql.exec(`SELECT * FROM jobs ${rest}`, ...values).toArray();
    return rows as unknown as JobRow[];
  }
}
