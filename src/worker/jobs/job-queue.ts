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

/** How long a runner that has disconnected may take to reconnect to its jobs, in milliseconds. */
export const GRACE_MS = 5_000;
/** How often a job is given to a runner. */
const MAX_ATTEMPTS = 3;
/** How long a process waits at least for the runner that holds its snapshots while another one is free. */
const HOLDER_MS = 2_000;
const MAX_HOLDER_MS = 60_000;
/**
 * How fast a snapshot moves to another runner: it is compressed, uploaded, downloaded and unpacked. A process waits as long
 * as moving would take, so it loses at most twice the time of the better choice.
 */
const MOVED_BYTES_PER_MILLISECOND = 30_000;

const containerLost: JobFailure = { reason: "internal", message: "its runner has disconnected" };
const holderLost: JobFailure = { reason: "snapshot-lost", message: "its runner has disconnected" };

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
  /** When each runner was given a job last: equally free ones take turns. */
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

  /** Connected runners that can execute a job, and may; of a job that names snapshots their holder. */
  capable(job: JobRow): RunnerConnection[] {
    const runners = job.holder === null ? this.#sockets.connected() : this.#ofInstance(job.holder);
    return runners.filter((runner) => this.#isCapable(runner, job));
  }

  /** Platforms of the connected runners that may execute a process, when none of them can. */
  unsuitable(job: JobRow): string[] | undefined {
    if (job.kind !== "run" || job.holder !== null) return undefined;
    const ready = this.#sockets
      .connected()
      .filter((runner) => runner.canCopy && mayHave(runner.service, job));
    if (ready.length === 0 || ready.some((runner) => isAble(runner, job))) return undefined;
    return [...new Set(ready.flatMap(({ hello }) => hello?.platforms ?? []))].sort();
  }

  /** Whether a job waits for the runner of its client, although others could have it. */
  isAwaited(job: JobRow): boolean {
    return job.holder === null && isAwaited(job, this.#builds.ofBuild(job.build));
  }

  /** Assigns waiting jobs: to the holders of their snapshots, to runners of their own builds, or to the most idle ones. */
  dispatch(): void {
    for (const row of this.#table.inState("queued")) {
      const job = this.#interests.job(row.id);
      if (job === undefined || (row.kind === "container" && !this.#isOpen(row.id))) continue;
      const runner = row.holder === null ? this.#choose(row) : this.#holder(row, row.holder);
      if (!runner?.send({ type: "job", job: this.#withToken(job, row) })) continue;
      this.#turns.set(runner.id, ++this.#turn);
      this.#assign(row.id, runner, row.attempts + 1);
      this.#interests.wake(row.id);
    }
  }

  /** When a job that waits for its holder should be looked at again, in milliseconds since 1970. */
  nextLook(): number | undefined {
    const held = this.#table.inState("queued").filter(({ holder }) => holder !== null);
    const moments = held.flatMap(({ since, ...row }) => [since + patienceOf(row), since + GRACE_MS]);
    return moments.filter((moment) => moment > Date.now()).sort((a, b) => a - b)[0];
  }

  /** A runner has reconnected with these jobs. It must stop those that another runner has by now. */
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

  /** A runner has finished a job. A runner that reconnects sends again what may not have arrived. */
  finish(runner: RunnerConnection, id: string, result: JobResult): void {
    const row = this.#table.find(id);
    const isLost = row?.state === "lost" && row.instance === runner.instance && mayHave(runner.service, row);
    if (!this.has(runner, id) && !isLost) return;
    const fault = row && faultOf(row, result);
    if (fault === undefined) this.#table.finish(id, result);
    else this.#table.fail(id, { reason: "internal", message: fault });
    this.#interests.wake(id);
  }

  /** A runner reports that a job gives no result. */
  fail(runner: RunnerConnection, id: string, failure: JobFailure): void {
    const row = this.#table.find(id);
    const isLost = row?.state === "lost" && mayHave(runner.service, row);
    if (!this.has(runner, id) && !isLost) return;
    // The server did not cancel it, so the runner is stopping.
    if (failure.reason === "cancelled" && row?.kind !== "container") this.again(id);
    else this.#table.fail(id, failure);
    this.#interests.wake(id);
  }

  /** Marks the jobs of a disconnected runner as lost. The runner may reconnect. */
  lose(runner: RunnerConnection): void {
    for (const { id } of this.#table.ofRunner(runner.id)) this.#table.setState(id, "lost");
    this.#interests.wakeAll();
  }

  /** A runner is no longer trusted: others get its jobs, and the tokens that it had for them are invalid. */
  revoke(runner: RunnerConnection): void {
    for (const { id } of this.#table.ofRunner(runner.id)) {
      this.#table.setToken(id, sha256(randomToken()));
      this.again(id);
    }
    this.#interests.wakeAll();
  }

  /** Queues a job again that its runner did not finish, a few times. */
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

  /** Stops a job on its runner. */
  stop({ id, state, runner }: JobRow): void {
    if (state === "running") this.#sockets.find(runner)?.send({ type: "cancel", job: id });
  }

  #choose(row: JobRow): RunnerConnection | undefined {
    const capable = this.capable(row);
    // A snapshot should be where the processes can run that will read it.
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

  /** The runner that holds the snapshots of a job. Gives the job back when it is gone, unsuitable, or busy for long. */
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

  /** How many more containers, or processes of RUN, a runner may have. */
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

/** How long a job waits for the holder of its snapshots while another runner is free, in milliseconds. */
function patienceOf(row: Pick<JobRow, "needs">): number {
  const { unstoredBytes = 0 } = needsOfRow(row);
  const moving = unstoredBytes / MOVED_BYTES_PER_MILLISECOND;
  return Math.min(Math.max(HOLDER_MS, moving), MAX_HOLDER_MS);
}

/** Whether a runner may have only so many jobs of its kind at a time. */
function isCounted({ kind }: JobRow): boolean {
  return kind === "run" || kind === "container";
}

function isAble(runner: RunnerConnection, { kind, platform, needs }: JobRow): boolean {
  if (kind === "layer") return runner.canWrite;
  if (kind === "container") return runner.containers > 0 && runner.canRun(platform, []);
  return kind === "run" ? runner.canRun(platform, needsOfRow({ needs }).rights) : runner.canCopy;
}

/** The runner that has the volumes of a workspace, as long as the same runners are connected. */
function nearest(
  free: readonly { runner: RunnerConnection }[],
  workspace: string,
): RunnerConnection | undefined {
  const place = ({ instance }: RunnerConnection) => sha256(`${workspace} ${instance}`);
  return free.map(({ runner }) => runner).sort((a, b) => (place(a) < place(b) ? -1 : 1))[0];
}

/** Why a result cannot be that of a job. */
function faultOf({ kind, layer }: JobRow, result: JobResult): string | undefined {
  if (result.kind !== kind) return `the runner sent a result of "${result.kind}"`;
  if (result.kind !== "layer") return undefined;
  const { digest, size } = result.layer;
  const uploaded = layer === null ? undefined : (JSON.parse(layer) as UploadedLayer);
  const isUploaded = uploaded?.digest === digest && uploaded.size === size;
  return isUploaded ? undefined : `the runner has not uploaded the layer ${digest}`;
}
