import type { Job, JobFailure, JobResult } from "../../../schemas/runner.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { BuildRunners } from "../runners/build-runners.ts";
import type { RunnerConnection } from "../runners/runner-connection.ts";
import type { RunnerSockets } from "../runners/runner-sockets.ts";
import { randomToken } from "../runners/runner-tokens.ts";
import { isAwaited, isConfined, mayHave } from "../runners/runner-trust.ts";
import type { JobInterests } from "./job-interests.ts";
import {
  type Holder,
  type JobOwner,
  type JobRow,
  type JobTable,
  needsOfRow,
  type UploadedLayer,
} from "./job-table.ts";

/** Grace period in milliseconds in which a disconnected runner may reconnect to its jobs. */
export const GRACE_MS = 5_000;
/** Maximum number of runners that a job is assigned to, one after the other. */
const MAX_ATTEMPTS = 3;
/** Minimum and maximum wait in milliseconds for the runner with a job's snapshots, while another runner is free. */
const HOLDER_MS = 2_000;
const MAX_HOLDER_MS = 60_000;
/**
 * Approximate speed of moving a snapshot to another runner: it is compressed, uploaded, downloaded and unpacked. A job waits
 * as long as the move would take, so it takes at most twice the time of the better choice.
 */
const MOVED_BYTES_PER_MILLISECOND = 30_000;

const containerLost: JobFailure = { reason: "internal", message: "its runner has disconnected" };
const holderLost: JobFailure = { reason: "snapshot-lost", message: "its runner has disconnected" };

/** The output of a step whose runner was lost continues with this line. */
const startsAgain = {
  stream: "stderr",
  text: "The runner was lost. The step starts again on another one.\n",
} as const;

interface JobQueueOptions {
  table: JobTable;
  interests: JobInterests;
  sockets: RunnerSockets;
  builds: BuildRunners;
  /** Whether the client of a container has its terminal. */
  isOpen(id: string): boolean;
}

/** Assigns each job to a runner that can and may execute it, and to another one when that runner disappears. */
export class JobQueue {
  readonly #table: JobTable;
  readonly #interests: JobInterests;
  readonly #sockets: RunnerSockets;
  readonly #builds: BuildRunners;
  readonly #isOpen: (id: string) => boolean;
  /** Number of the last assignment of each runner, so that equally free runners take turns. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

  constructor({ table, interests, sockets, builds, isOpen }: JobQueueOptions) {
    this.#table = table;
    this.#interests = interests;
    this.#sockets = sockets;
    this.#builds = builds;
    this.#isOpen = isOpen;
  }

  /** Queues a job, or stores its description again when it was lost. */
  offer(job: Job, owner: JobOwner, holder: Holder | undefined, client?: string): void {
    this.#table.add(job, owner, holder, client);
    this.#interests.keep(job);
  }

  /** Connected runners that can and may execute a job. For a job with snapshots, only the runner that holds them. */
  capable(job: JobRow): RunnerConnection[] {
    const runners = job.holder === null ? this.#sockets.connected() : this.#ofInstance(job.holder);
    return runners.filter((runner) => this.#isCapable(runner, job));
  }

  /** Platforms of the connected runners that may execute a RUN, when none of them can. */
  unsuitable(job: JobRow): string[] | undefined {
    if (job.kind !== "run" || job.holder !== null) return undefined;
    const ready = this.#sockets
      .connected()
      .filter((runner) => runner.canCopy && mayHave(runner.service, job));
    if (ready.length === 0 || ready.some((runner) => isAble(runner, job))) return undefined;
    return [...new Set(ready.flatMap(({ hello }) => hello?.platforms ?? []))].sort();
  }

  /** Whether a job waits for the runner of its client, although other runners could execute it. */
  isAwaited(job: JobRow): boolean {
    return job.holder === null && isAwaited(job, this.#builds.ofBuild(job.build));
  }

  /** Assigns waiting jobs: to the holders of their snapshots, to runners of their builds, or to the most idle runners. */
  dispatch(): void {
    for (const row of this.#table.inState("queued")) {
      const job = this.#interests.job(row.id);
      if (job === undefined || (row.kind === "container" && !this.#isOpen(row.id))) continue;
      const runner = row.holder === null ? this.#choose(row) : this.#holder(row, row.holder);
      if (!runner?.send({ type: "job", job: this.#withToken(job, row) })) continue;
      this.#turns.set(runner.id, ++this.#turn);
      if (row.attempts > 0) this.#interests.log(row.id, startsAgain);
      this.#assign(row.id, runner, row.attempts + 1);
      this.#interests.wake(row.id);
    }
  }

  /** Time of the next `dispatch` for jobs that wait for their holders, in milliseconds since 1970. */
  nextDispatch(): number | undefined {
    const held = this.#table.inState("queued").filter(({ holder }) => holder !== null);
    const moments = held.flatMap(({ since, ...row }) => [since + patienceOf(row), since + GRACE_MS]);
    return moments.filter((moment) => moment > Date.now()).sort((a, b) => a - b)[0];
  }

  /** Handles a runner that has reconnected with these jobs. Stops those that another runner has in the meantime. */
  resume(runner: RunnerConnection, ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.#table.find(id);
      const isFree = row?.state === "lost" || row?.state === "queued";
      if (isFree && mayHave(runner.service, row)) this.#assign(id, runner, row.attempts);
      else if (row?.state !== "running" || row.runner !== runner.id) runner.send({ type: "cancel", job: id });
    }
  }

  /** Whether a runner executes a job. */
  has({ id }: RunnerConnection, job: string): boolean {
    const row = this.#table.find(job);
    return row?.state === "running" && row.runner === id;
  }

  /** Stores the result of a job. A runner that reconnects sends results again that may not have arrived. */
  finish(runner: RunnerConnection, id: string, result: JobResult): void {
    const row = this.#table.find(id);
    if (row === undefined || !this.#mayEnd(runner, row)) return;
    const fault = faultOf(row, result);
    if (fault === undefined) this.#table.finish(id, result);
    else this.#table.fail(id, { reason: "internal", message: fault });
    this.#interests.wake(id);
  }

  /** Whether a runner executes a job, or executed it before it was disconnected. */
  #mayEnd(runner: RunnerConnection, row: JobRow): boolean {
    if (row.state === "lost") return row.instance === runner.instance && mayHave(runner.service, row);
    return this.has(runner, row.id);
  }

  /** Stores the failure of a job that its runner reports. */
  fail(runner: RunnerConnection, id: string, failure: JobFailure): void {
    const row = this.#table.find(id);
    if (row === undefined || !this.#mayEnd(runner, row)) return;
    // The server did not cancel it, so the runner is stopping.
    if (failure.reason === "cancelled" && row.kind !== "container") this.again(id);
    else this.#table.fail(id, failure);
    this.#interests.wake(id);
  }

  /** Marks the jobs of a disconnected runner as lost. The runner may reconnect. */
  lose(runner: RunnerConnection): void {
    for (const { id } of this.#table.ofRunner(runner.id)) this.#table.setState(id, "lost");
    this.#interests.wakeAll();
  }

  /** Handles a runner that is no longer trusted: revokes the tokens of its jobs, and assigns the jobs to other runners. */
  revoke(runner: RunnerConnection): void {
    for (const { id } of this.#table.ofRunner(runner.id)) {
      this.#table.setToken(id, sha256(randomToken()));
      this.again(id);
    }
    this.#interests.wakeAll();
  }

  /** Queues a job again that its runner did not finish, up to `MAX_ATTEMPTS` times. */
  again(id: string): void {
    const row = this.#table.find(id);
    const attempts = row?.attempts ?? 0;
    if (row?.state === "lost" && row.holder !== null && this.#ofInstance(row.holder).length === 0) {
      this.#table.fail(id, holderLost);
      return;
    }
    if (row?.kind === "container") {
      this.#table.fail(id, containerLost);
      return;
    }
    if (attempts < MAX_ATTEMPTS) {
      this.#table.setState(id, "queued");
      return;
    }
    const message = `${attempts} runners disappeared while they executed it`;
    this.#table.fail(id, { reason: "internal", message });
  }

  stop({ id, state, runner }: JobRow): void {
    if (state === "running") this.#sockets.find(runner)?.send({ type: "cancel", job: id });
  }

  #choose(row: JobRow): RunnerConnection | undefined {
    const capable = this.capable(row);
    // Prefer runners that can also execute the processes that will read the snapshot.
    const suitable = capable.filter((runner) => runner.canRun(row.platform, []));
    const free = (suitable.length > 0 ? suitable : capable)
      .map((runner) => ({ runner, room: this.#room(runner, row), turn: this.#turns.get(runner.id) ?? 0 }))
      .filter(({ room }) => !isCounted(row) || room > 0)
      .sort((a, b) => b.room - a.room || a.turn - b.turn);
    const { workspace } = needsOfRow(row);
    if (workspace !== undefined) return nearest(free, workspace);
    const own = free.find(({ runner }) => runner.service.kind === "build");
    return (own ?? (this.isAwaited(row) ? undefined : free[0]))?.runner;
  }

  /** The runner that holds the snapshots of a job. Marks the job when that runner is gone, unsuitable, or busy for long. */
  #holder(row: JobRow, instance: string): RunnerConnection | undefined {
    const age = Date.now() - row.since;
    const holders = this.#ofInstance(instance);
    if (holders.length === 0) {
      if (age < GRACE_MS) return undefined;
      this.#table.fail(row.id, holderLost);
    } else {
      const holder = holders.find((runner) => this.#isCapable(runner, row));
      if (holder !== undefined && (!isCounted(row) || this.#room(holder, row) > 0)) return holder;
      const isOtherFree = age >= patienceOf(row) && this.#choose({ ...row, holder: null }) !== undefined;
      if (holder !== undefined && !isOtherFree) return undefined;
      this.#table.setState(row.id, "unfit");
    }
    this.#interests.wake(row.id);
    return undefined;
  }

  #ofInstance(instance: string): RunnerConnection[] {
    return this.#sockets.connected().filter((runner) => runner.instance === instance);
  }

  #isCapable(runner: RunnerConnection, job: JobRow): boolean {
    return isAble(runner, job) && mayHave(runner.service, job);
  }

  /** The number of additional containers, or RUN processes, that a runner may have. */
  #room({ id, capacity, containers }: RunnerConnection, { kind }: JobRow): number {
    return kind === "container"
      ? containers - this.#table.processesOf(id, "container")
      : capacity - this.#table.processesOf(id, "run");
  }

  /** Replaces the token of a job that was revoked. */
  #withToken(job: Job, row: JobRow): Job {
    if (row.token === sha256(job.token)) return job;
    const token = randomToken();
    this.#table.setToken(job.id, sha256(token));
    return { ...job, token };
  }

  #assign(id: string, runner: RunnerConnection, attempts: number): void {
    const trust = { isConfined: isConfined(runner.service), isTransient: runner.isTransient };
    this.#table.assign(id, runner, attempts, trust);
  }
}

/** Maximum wait of a job for the holder of its snapshots while another runner is free, in milliseconds. */
function patienceOf(row: Pick<JobRow, "needs">): number {
  const { unstoredBytes = 0 } = needsOfRow(row);
  const moving = unstoredBytes / MOVED_BYTES_PER_MILLISECOND;
  return Math.min(Math.max(HOLDER_MS, moving), MAX_HOLDER_MS);
}

/** Whether the capacity of a runner limits the number of jobs of this kind. */
function isCounted({ kind }: JobRow): boolean {
  return kind === "run" || kind === "container";
}

function isAble(runner: RunnerConnection, { kind, platform, needs }: JobRow): boolean {
  if (kind === "layer") return runner.canWrite;
  if (kind === "container") return runner.containers > 0 && runner.canRun(platform, []);
  return kind === "run" ? runner.canRun(platform, needsOfRow({ needs }).rights) : runner.canCopy;
}

/** The runner for the containers of a workspace, so that they share volumes; the same while the same runners are connected. */
function nearest(
  free: readonly { runner: RunnerConnection }[],
  workspace: string,
): RunnerConnection | undefined {
  const place = ({ instance }: RunnerConnection) => sha256(`${workspace} ${instance}`);
  return free.map(({ runner }) => runner).sort((a, b) => (place(a) < place(b) ? -1 : 1))[0];
}

/** The reason why a result is invalid for a job; undefined if it is valid. */
function faultOf({ kind, layer }: JobRow, result: JobResult): string | undefined {
  if (result.kind !== kind) return `the runner sent a result of "${result.kind}"`;
  if (result.kind !== "layer") return undefined;
  const { digest, size } = result.layer;
  const uploaded = layer === null ? undefined : (JSON.parse(layer) as UploadedLayer);
  const isUploaded = uploaded?.digest === digest && uploaded.size === size;
  return isUploaded ? undefined : `the runner has not uploaded the layer ${digest}`;
}
