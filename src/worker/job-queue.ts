import type { Job, JobFailure } from "../../schemas/runner.ts";
import { sha256 } from "../streams/sha256.ts";
import type { JobInterests } from "./job-interests.ts";
import type { JobRow, JobTable } from "./job-table.ts";
import type { RunnerConnection } from "./runner-connection.ts";
import type { RunnerSockets } from "./runner-sockets.ts";

/** How often a job is given to a runner. */
const mostAttempts = 3;

/** What jobs go through: each is given to a runner that can carry it out, and to another one when that one vanishes. */
export class JobQueue {
  readonly #table: JobTable;
  readonly #interests: JobInterests;
  readonly #sockets: RunnerSockets;

  constructor(table: JobTable, interests: JobInterests, sockets: RunnerSockets) {
    this.#table = table;
    this.#interests = interests;
    this.#sockets = sockets;
  }

  /** Queues a job, or takes its description again when it was lost. */
  offer(job: Job): void {
    this.#table.add(job, sha256(job.token), layersOf(job));
    this.#interests.keep(job);
    this.dispatch();
  }

  /** Connected runners that can carry a job out. */
  capable({ platform }: JobRow): RunnerConnection[] {
    return this.#sockets.connected().filter((runner) => runner.canRun(platform));
  }

  /** Gives waiting jobs to those runners that have the most room. */
  dispatch(): void {
    for (const row of this.#table.inState("queued")) {
      const job = this.#interests.job(row.id);
      if (job === undefined) continue;
      const able = this.capable(row)
        .map((runner) => ({ runner, room: runner.capacity - this.#table.ofRunner(runner.id).length }))
        .filter(({ room }) => room > 0)
        .sort((a, b) => b.room - a.room);
      const first = able[0]?.runner;
      if (first === undefined || !first.send({ type: "job", job })) continue;
      this.#table.assign(row.id, first.id, row.attempts + 1);
      this.#interests.wake(row.id);
    }
  }

  /** A runner that was gone is back with these jobs. Those that another one has by now it shall stop. */
  takeBack(runner: RunnerConnection, ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.#table.find(id);
      if (row?.state === "lost" || row?.state === "queued") this.#table.assign(id, runner.id, row.attempts);
      else if (row?.state !== "running" || row.runner !== runner.id) runner.send({ type: "cancel", job: id });
    }
  }

  /** Whether the job is this runner's now. */
  has({ id }: RunnerConnection, job: string): boolean {
    const row = this.#table.find(job);
    return row?.state === "running" && row.runner === id;
  }

  /** A runner says that it has put the diff. */
  finish(runner: RunnerConnection, id: string): void {
    const row = this.#table.find(id);
    // Whoever put it had the token of the job.
    if (this.has(runner, id) || (row?.diff === 1 && row.state !== "failed")) this.#finish(id);
  }

  /** A runner says that there will be no diff. */
  fail(runner: RunnerConnection, id: string, failure: JobFailure): void {
    // A runner that is back tells again what may not have arrived.
    if (!this.has(runner, id) && this.#table.find(id)?.state !== "lost") return;
    // Nobody cancelled it here, so the runner itself is about to end.
    if (failure.reason === "cancelled") this.again(id);
    else this.#table.fail(id, failure);
    this.#interests.wake(id);
  }

  /** A runner is gone, and may come back. */
  lose(runner: RunnerConnection): void {
    for (const { id, diff } of this.#table.ofRunner(runner.id)) {
      if (diff) this.#finish(id);
      else this.#table.setState(id, "lost");
    }
    this.#interests.wakeAll();
  }

  /** Queues a job that its runner did not finish, a few times. */
  again(id: string): void {
    const attempts = this.#table.find(id)?.attempts ?? 0;
    if (attempts < mostAttempts) {
      this.#table.setState(id, "queued");
      return;
    }
    const message = `${attempts} runners vanished while they carried it out`;
    this.#table.fail(id, { reason: "internal", message });
  }

  /** Tells the runner that has the job to stop. */
  stop({ id, state, runner }: JobRow): void {
    if (state === "running") this.#sockets.find(runner)?.send({ type: "cancel", job: id });
  }

  #finish(id: string): void {
    if (this.#table.find(id)?.diff) this.#table.setState(id, "done");
    else
      this.#table.fail(id, {
        reason: "internal",
        message: "the runner said it was done but put no diff",
      });
    this.#interests.wake(id);
  }
}

/** Every layer that a job names. */
function layersOf({ layers, mounts }: Job): string[] {
  const mounted = mounts.flatMap((mount) => ("from" in mount ? (mount.from?.layers ?? []) : []));
  return [...new Set([...layers, ...mounted].map(({ digest }) => digest))];
}
