import type { Entitlement } from "../../schemas/options.ts";
import { type Job, type JobFailure, rightsOf } from "../../schemas/runner.ts";
import { sha256 } from "../streams/sha256.ts";

/**
 * `queued`: waits for a runner. `running`: a connected runner has it. `lost`: its runner is gone and may come back.
 * `done`: its diff is stored. `failed`: says why.
 */
export type JobState = "queued" | "running" | "lost" | "done" | "failed";

/** What a job belongs to. */
export interface JobOwner {
  /** Build id. */
  build: string;
  /** Where the image will be: whoever carries out the job has a say in what is there. */
  repositories: readonly string[];
  /** Everybody who asked for the build wants it to be carried out by runners of their own. */
  only: boolean;
  /** URL of this server, as the client named it. */
  server: string;
}

/** What is kept of a job: nothing of what its process is given, which may hold secrets. */
export interface JobRow extends Omit<JobOwner, "only" | "repositories"> {
  id: string;
  /** As JSON. */
  repositories: string;
  only: number;
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
  /** Keys of the caches that it mounts, as JSON. */
  caches: string;
  /** A `Needs`, as JSON. */
  needs: string;
  /** A runner that not everybody trusts was given it. */
  confined: number;
  /** Its diff is stored. */
  diff: number;
  /** A `JobFailure`, as JSON. */
  failure: string | null;
  timeout: number;
  /** When its state changed, in milliseconds since 1970. */
  since: number;
}

/** What decides who may be told of a job. */
export interface Needs {
  /** It brings values of secrets, which were not sent for runners of others. */
  values: boolean;
  /** Ids of secrets and agents that only the runner beside the client has. */
  secrets: string[];
  ssh: string[];
  /** Beyond those of any step. */
  rights: Entitlement[];
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
    sql.exec("DROP TABLE IF EXISTS jobs");
    sql.exec(`CREATE TABLE IF NOT EXISTS queue (
      place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, build TEXT NOT NULL, repositories TEXT NOT NULL,
      only INTEGER NOT NULL, server TEXT NOT NULL, platform TEXT NOT NULL, state TEXT NOT NULL, runner TEXT, attempts INTEGER NOT NULL, token TEXT NOT NULL,
      layers TEXT NOT NULL, caches TEXT NOT NULL, needs TEXT NOT NULL, confined INTEGER NOT NULL,
      diff INTEGER NOT NULL, failure TEXT, timeout INTEGER NOT NULL, since INTEGER NOT NULL)`);
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
  add(job: Job, { build, repositories, only, server }: JobOwner): void {
    this.#sql.exec(
      `INSERT OR IGNORE INTO queue
         (id, build, repositories, only, server, platform, state, attempts, token, layers, caches, needs, confined, diff, timeout, since)
       VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?, ?, 0, 0, ?, ?)`,
      job.id,
      build,
      JSON.stringify(repositories),
      only ? 1 : 0,
      server,
      job.platform,
      sha256(job.token),
      JSON.stringify(layersOf(job)),
      JSON.stringify(job.mounts.flatMap((mount) => (mount.type === "cache" ? mount.key : []))),
      JSON.stringify(needsOf(job)),
      job.timeoutSeconds,
      Date.now(),
    );
  }

  /** @param confined what the runner gives is believed by the scope of the job only */
  assign(id: string, runner: string, attempts: number, confined: boolean): void {
    this.#sql.exec(
      `UPDATE queue SET state = 'running', runner = ?, attempts = ?, confined = MAX(confined, ?), since = ?
       WHERE id = ?`,
      runner,
      attempts,
      confined ? 1 : 0,
      Date.now(),
      id,
    );
  }

  setState(id: string, state: "queued" | "lost" | "done"): void {
    this.#sql.exec("UPDATE queue SET state = ?, since = ? WHERE id = ?", state, Date.now(), id);
  }

  fail(id: string, failure: JobFailure): void {
    this.#sql.exec(
      "UPDATE queue SET state = 'failed', failure = ?, since = ? WHERE id = ?",
      JSON.stringify(failure),
      Date.now(),
      id,
    );
  }

  /** Gives a job another token, of which the SHA-256 is told. What was put with the one before is of no use. */
  setToken(id: string, hash: string): void {
    this.#sql.exec("UPDATE queue SET token = ?, diff = 0 WHERE id = ?", hash, id);
  }

  setDiff(id: string): void {
    this.#sql.exec("UPDATE queue SET diff = 1 WHERE id = ?", id);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM queue WHERE id = ?", id);
  }

  #select(rest: string, ...values: string[]): JobRow[] {
    const rows = this.#sql.exec(`SELECT * FROM queue ${rest}`, ...values).toArray();
    return rows as unknown as JobRow[];
  }
}

/** Every layer that a job names. */
function layersOf({ layers, mounts }: Job): string[] {
  const mounted = mounts.flatMap((mount) => ("from" in mount ? (mount.from?.layers ?? []) : []));
  return [...new Set([...layers, ...mounted].map(({ digest }) => digest))];
}

function needsOf(job: Job): Needs {
  const { mounts } = job;
  const secrets = mounts.filter((mount) => mount.type === "secret");
  const agents = mounts.filter((mount) => mount.type === "ssh");
  return {
    values: secrets.some(({ value }) => value !== undefined),
    secrets: secrets.filter(({ value }) => value === undefined).map(({ id }) => id),
    ssh: agents.filter(({ forwarded }) => forwarded).map(({ id }) => id),
    rights: rightsOf(job),
  };
}
