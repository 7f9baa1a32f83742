import type { Job, JobFailure } from "../../schemas/runner.ts";
import { sha256 } from "../streams/sha256.ts";
import type { BuildRunners } from "./build-runners.ts";
import type { JobInterests } from "./job-interests.ts";
import type { JobOwner, JobRow, JobTable, Needs } from "./job-table.ts";
import type { RunnerConnection } from "./runner-connection.ts";
import type { RunnerSockets } from "./runner-sockets.ts";
import { randomToken } from "./runner-tokens.ts";
import { isAwaited, isConfined, mayHave } from "./runner-trust.ts";

/** How often a job is given to a runner. */
const mostAttempts = 3;

export interface JobQueueOptions {
  table: JobTable;
  interests: JobInterests;
  sockets: RunnerSockets;
  builds: BuildRunners;
}

/** What jobs go through: each is given to a runner that can carry it out, and to another one when that one vanishes. */
export class JobQueue {
  readonly #table: JobTable;
  readonly #interests: JobInterests;
  readonly #sockets: RunnerSockets;
  readonly #builds: BuildRunners;

  constructor({ table, interests, sockets, builds }: JobQueueOptions) {
    this.#table = table;
    this.#interests = interests;
    this.#sockets = sockets;
    this.#builds = builds;
  }

  /** Queues a job, or takes its description again when it was lost. */
  offer(job: Job, owner: JobOwner): void {
    this.#table.add(job, owner);
    this.#interests.keep(job);
    this.dispatch();
  }

  /** Connected runners that can carry a job out, and may. */
  capable(job: JobRow): RunnerConnection[] {
    const { rights } = JSON.parse(job.needs) as Needs;
    return this.#sockets
      .connected()
      .filter((runner) => runner.canRun(job.platform, rights) && mayHave(runner.service, job));
  }

  /** Whether a job waits for the runner of its client, although others could have it. */
  isAwaited(job: JobRow): boolean {
    return isAwaited(job, this.#builds.ofBuild(job.build));
  }

  /** Gives waiting jobs to the runners of their own builds, or else to those that have the most room. */
  dispatch(): void {
    for (const row of this.#table.inState("queued")) {
      const job = this.#interests.job(row.id);
      if (job === undefined) continue;
      const able = this.capable(row)
        .map((runner) => ({ runner, room: runner.capacity - this.#table.ofRunner(runner.id).length }))
        .filter(({ room }) => room > 0)
        .sort((a, b) => b.room - a.room);
      const own = able.find(({ runner }) => runner.service.kind === "build");
      const first = own ?? (this.isAwaited(row) ? undefined : able[0]);
      if (first === undefined || !first.runner.send({ type: "job", job: this.#withToken(job, row) }))
        continue;
      this.#assign(row.id, first.runner, row.attempts + 1);
      this.#interests.wake(row.id);
    }
  }

  /** A runner that was gone is back with these jobs. Those that another one has by now it shall stop. */
  takeBack(runner: RunnerConnection, ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.#table.find(id);
      const isFree = row?.state === "lost" || row?.state === "queued";
      if (isFree && mayHave(runner.service, row)) this.#assign(id, runner, row.attempts);
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
    // A runner that is back tells again what may not have arrived.
    const isPut = row?.diff === 1 && row.state !== "failed" && mayHave(runner.service, row);
    if (this.has(runner, id) || isPut) this.#finish(id);
  }

  /** A runner says that there will be no diff. */
  fail(runner: RunnerConnection, id: string, failure: JobFailure): void {
    const row = this.#table.find(id);
    const isLost = row?.state === "lost" && mayHave(runner.service, row);
    if (!this.has(runner, id) && !isLost) return;
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

  /** A runner is not believed any more: others have its jobs from now on, and what it was given for them opens nothing. */
  takeAway(runner: RunnerConnection): void {
    for (const { id } of this.#table.ofRunner(runner.id)) {
      this.#table.setToken(id, sha256(randomToken()));
      this.again(id);
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

  /** With another token when its own was taken away from it. */
  #withToken(job: Job, row: JobRow): Job {
    if (row.token === sha256(job.token)) return job;
    const token = randomToken();
    this.#table.setToken(job.id, sha256(token));
    return { ...job, token };
  }

  #assign(id: string, runner: RunnerConnection, attempts: number): void {
    this.#table.assign(id, runner.id, attempts, isConfined(runner.service));
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
