import type { Entitlement } from "../../../schemas/options.ts";
import type { Job, JobFailure, JobResult, Task } from "../../../schemas/runner.ts";
import { contextsOf, layersOf, rightsOf } from "../../../schemas/task-needs.ts";
import { sha256 } from "../../streams/sha256.ts";

/**
 * `queued`: waits for a runner. `running`: a connected runner executes it. `lost`: its runner has disconnected and may
 * reconnect. `done`, `failed`: ended. `unfit`: another runner than the holder of its snapshots has to execute it.
 */
type JobState = "queued" | "running" | "lost" | "done" | "failed" | "unfit";

/** The build that a job belongs to. */
export interface JobOwner {
  /** Build id. */
  build: string;
  /** Repositories of the image. A runner that executes the job determines their contents, so it must be trusted for them. */
  repositories: readonly string[];
  /** Image that is built. */
  scope: string;
  /** Only runners of the build's clients may execute it. */
  only: boolean;
  /** URL of this server, as the client named it. */
  server: string;
}

/** The stored part of a job: without the input of its process, which may contain secrets. */
export type JobRow = Omit<JobOwner, "only" | "repositories"> & {
  id: string;
  /** As JSON. */
  repositories: string;
  only: number;
  kind: Task["kind"];
  platform: string;
  /** Instance of the runner that holds its snapshots. */
  holder: string | null;
  state: JobState;
  /** Id of the connection of its runner. */
  runner: string | null;
  /** Instance of its runner. */
  instance: string | null;
  /** Number of runners that it was assigned to. */
  attempts: number;
  /** SHA-256 of its token. */
  token: string;
  /** A `Reads`, as JSON. */
  reads: string;
  /** A `Needs`, as JSON. */
  needs: string;
  /** Whether it was assigned to a runner that only its scope trusts. */
  confined: number;
  /** Its runner ends with the build. */
  transient: number;
  /** The layer that it has uploaded: an `UploadedLayer`, as JSON. */
  layer: string | null;
  /** A `JobResult`, as JSON. */
  result: string | null;
  /** A `JobFailure`, as JSON. */
  failure: string | null;
  timeout: number;
  /** When its state changed, in milliseconds since 1970. */
  since: number;
};

/** Stored objects that a job reads. */
export interface Reads {
  /** Digests of layers. */
  layers: string[];
  /** Digests of contexts, or keys of copies. */
  contexts: string[];
  /** Keys of tables of contents. */
  tocs: string[];
  /** Keys of cache mounts. */
  caches: string[];
}

/** The runner that holds the snapshots of a job. */
export interface Holder {
  instance: string;
  /** See `Needs`. */
  unstoredBytes?: number | undefined;
}

/** A layer that a job has uploaded. */
export interface UploadedLayer {
  digest: string;
  size: number;
}

/** Properties of a job that determine which runners may execute it. */
export interface Needs {
  /** It contains values of secrets, which the runners of other clients must not receive. */
  values: boolean;
  /** Ids of secrets and agents that only the runner beside the client has. */
  secrets: string[];
  ssh: string[];
  /** Entitlements such as `network.host`. */
  rights: Entitlement[];
  /** Bytes of unstored snapshots that a runner other than the holder would have to fetch. */
  unstoredBytes?: number;
  /** Of a container: identifies the client, for its limit. */
  client?: string;
  /** Of a container: containers of one workspace should be on the same runner. */
  workspace?: string;
}

export function jobHasEnded({ state }: Pick<JobRow, "state">): boolean {
  return state === "done" || state === "failed";
}

/** The needs of a stored job. */
export function needsOfRow({ needs }: Pick<JobRow, "needs">): Needs {
  return JSON.parse(needs) as Needs;
}

/** The jobs that builds wait for. They survive crashes and hibernation. */
export class JobTable {
  readonly #sql: SqlStorage;
  /** Ended jobs to be removed with the next write. */
  readonly #removable = new Set<string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS tasks (
      place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, build TEXT NOT NULL,
      repositories TEXT NOT NULL, scope TEXT NOT NULL, only INTEGER NOT NULL, server TEXT NOT NULL,
      kind TEXT NOT NULL, platform TEXT NOT NULL, holder TEXT, state TEXT NOT NULL, runner TEXT, instance TEXT,
      attempts INTEGER NOT NULL, token TEXT NOT NULL, reads TEXT NOT NULL, needs TEXT NOT NULL,
      confined INTEGER NOT NULL, transient INTEGER NOT NULL DEFAULT 0, layer TEXT, result TEXT, failure TEXT,
      timeout INTEGER NOT NULL, since INTEGER NOT NULL)`);
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

  /** Number of RUN processes, or containers, of a runner. Other tasks do not count against its capacity. */
  processesOf(runner: string, counted: "run" | "container"): number {
    return this.ofRunner(runner).filter(({ kind }) => kind === counted).length;
  }

  all(): JobRow[] {
    return this.#select("ORDER BY place");
  }

  /** Queues a job, unless it is known. @param client of a container */
  add(
    job: Job,
    { build, repositories, scope, only, server }: JobOwner,
    holder: Holder | undefined,
    client?: string,
  ): void {
    this.removeNow();
    this.#sql.exec(
      `INSERT OR IGNORE INTO tasks
         (id, build, repositories, scope, only, server, kind, platform, holder, state, attempts, token, reads, needs,
          confined, timeout, since)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?, 0, ?, ?)`,
      job.id,
      build,
      JSON.stringify(repositories),
      scope,
      only ? 1 : 0,
      server,
      job.task.kind,
      job.platform,
      holder?.instance ?? null,
      sha256(job.token),
      JSON.stringify(readsOf(job.task)),
      JSON.stringify(needsOf(job.task, client, holder?.unstoredBytes)),
      job.timeoutSeconds,
      Date.now(),
    );
  }

  /**
   * @param trust whether only the scope of the job trusts the runner, and whether the runner ends with the build
   */
  assign(
    id: string,
    runner: { id: string; instance: string },
    attempts: number,
    { isConfined, isTransient }: { isConfined: boolean; isTransient: boolean },
  ): void {
    this.#sql.exec(
      `UPDATE tasks SET state = 'running', runner = ?, instance = ?, attempts = ?,
         confined = MAX(confined, ?), transient = ?, since = ? WHERE id = ?`,
      runner.id,
      runner.instance,
      attempts,
      isConfined ? 1 : 0,
      isTransient ? 1 : 0,
      Date.now(),
      id,
    );
  }

  setState(id: string, state: "queued" | "lost" | "unfit"): void {
    this.#sql.exec("UPDATE tasks SET state = ?, since = ? WHERE id = ?", state, Date.now(), id);
  }

  finish(id: string, result: JobResult): void {
    const text = JSON.stringify(result);
    this.#sql.exec(
      "UPDATE tasks SET state = 'done', result = ?, since = ? WHERE id = ?",
      text,
      Date.now(),
      id,
    );
  }

  fail(id: string, failure: JobFailure): void {
    const text = JSON.stringify(failure);
    this.#sql.exec(
      "UPDATE tasks SET state = 'failed', failure = ?, since = ? WHERE id = ?",
      text,
      Date.now(),
      id,
    );
  }

  /** Gives a job another token. @param hash SHA-256 of the token */
  setToken(id: string, hash: string): void {
    this.#sql.exec("UPDATE tasks SET token = ? WHERE id = ?", hash, id);
  }

  setLayer(id: string, layer: UploadedLayer): void {
    this.#sql.exec("UPDATE tasks SET layer = ? WHERE id = ?", JSON.stringify(layer), id);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM tasks WHERE id = ?", id);
  }

  /** Removes a job that has ended together with the next write, because each transaction costs an fsync. */
  removeLater(id: string): void {
    this.#removable.add(id);
  }

  /** Removes the jobs for which `removeLater` was called. */
  removeNow(): void {
    for (const id of this.#removable) this.remove(id);
    this.#removable.clear();
  }

  #select(rest: string, ...values: string[]): JobRow[] {
    return this.#sql.exec<JobRow>(`SELECT * FROM tasks ${rest}`, ...values).toArray();
  }
}

function readsOf(task: Task): Reads {
  const layers = layersOf(task).flatMap((layer) => ("digest" in layer ? layer.digest : []));
  const mounts = task.kind === "run" ? task.mounts : [];
  return {
    layers: [...new Set(layers)],
    contexts: [...new Set(contextsOf(task))],
    tocs: task.kind === "copy" && task.last !== undefined ? [task.last.toc] : [],
    caches: mounts.flatMap((mount) => (mount.type === "cache" ? mount.key : [])),
  };
}

function needsOf(task: Task, client?: string, unstoredBytes?: number): Needs {
  const mounts = task.kind === "run" ? task.mounts : [];
  const secrets = mounts.filter((mount) => mount.type === "secret");
  const agents = mounts.filter((mount) => mount.type === "ssh");
  return {
    values: secrets.some(({ value }) => value !== undefined),
    secrets: secrets.filter(({ value }) => value === undefined).map(({ id }) => id),
    ssh: agents.filter(({ forwarded }) => forwarded).map(({ id }) => id),
    rights: rightsOf(task),
    ...(client !== undefined && { client }),
    ...(unstoredBytes !== undefined && { unstoredBytes }),
    ...(task.kind === "container" && { workspace: task.workspace }),
  };
}
