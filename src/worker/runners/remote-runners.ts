import type { ClientRunner } from "../../../schemas/client-runner.ts";
import type { Job, JobFailure, Task } from "../../../schemas/runner.ts";
import { rightsOf } from "../../../schemas/task-needs.ts";
import { BuildError } from "../../engine/errors.ts";
import {
  type RunnerPool as EngineRunners,
  type FoundSnapshot,
  HolderUnfitError,
  RunnerFailure,
  type RunnerSnapshot,
  SnapshotsLostError,
  type TaskOptions,
  type TaskOutcome,
  type TaskWatcher,
} from "../../engine/run/runners.ts";
import { pause } from "../../streams/pause.ts";
import { untilAborted } from "../../streams/until-aborted.ts";
import type { Env } from "../environment.ts";
import { callObject } from "../http/object-interrupted.ts";
import type { JobProgress, KnownProgress } from "../jobs/job-progress.ts";
import type { Holder, JobOwner } from "../jobs/job-table.ts";
import { idIn, type Pool, poolFor } from "./pools.ts";
import { buildRunnerPrefix, randomToken } from "./runner-tokens.ts";
import { runnersOf } from "./runners-service.ts";
import type { FoundSnapshots } from "./snapshot-searches.ts";

/** Timeout of one long poll for the progress of a job, in milliseconds. */
const FOLLOW_MS = 15_000;
/** Consecutive failed requests after which a job fails. */
const MAX_FAILURES = 10;
/** Default time that a build waits while no suitable runner is connected, in seconds. */
const defaultWait = { worker: 600, local: 30 };
/** Time for suitable runners to reconnect after a deploy, while only unsuitable ones are connected, in milliseconds. */
const reconnectMilliseconds = { worker: 5_000, local: 0 };
const DEFAULT_TIMEOUT_S = 6 * 60 * 60;

/** Executes the tasks of one build on the runners of its pool. */
export class RemoteRunners implements EngineRunners {
  readonly #env: Env;
  readonly #owner: JobOwner;
  readonly #pool: Pool;
  /** Prefix of the ids of all jobs of this build. */
  readonly #prefix: string;
  readonly #used: () => void;
  /** Whether a crash or a deploy stopped an earlier instance of the build, and disconnected runners. */
  #isResumed = false;

  /** @param used called before each task, because runners may hold snapshots of the build after it */
  constructor(env: Env, owner: JobOwner, used: () => void = () => {}) {
    this.#env = env;
    this.#owner = owner;
    this.#used = used;
    this.#pool = poolFor(owner.repositories, env);
    this.#prefix = idIn(this.#pool, `${owner.build.slice(0, 16)}-`);
  }

  get #object() {
    return runnersOf(this.#env, this.#pool);
  }

  /** Stops the jobs of an earlier instance of the build. */
  async forgetJobs(): Promise<void> {
    this.#isResumed = true;
    await callObject(() => this.#object.releaseAll(this.#prefix));
  }

  async find(
    names: readonly string[],
    waiting: (message: string) => void,
  ): Promise<ReadonlyMap<string, FoundSnapshot>> {
    // The client starts its runner when it receives the message that a step waits for it.
    for (let milliseconds = 0; ; milliseconds = FOLLOW_MS) {
      const result = await callObject(async () => {
        const finding = this.#object.find([...names], this.#owner, milliseconds, this.#isResumed);
        return (await finding) as FoundSnapshots;
      });
      if ("found" in result) return new Map(result.found);
      if (milliseconds === 0) waiting("waiting for the runner of the client");
    }
  }

  async keep(snapshot: RunnerSnapshot, names: readonly string[]): Promise<void> {
    await callObject(() => this.#object.keep(snapshot.runner, snapshot.id, [...names]));
  }

  async execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    { platform, holder, unstoredBytes, watcher }: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    const job: Job = {
      id: `${this.#prefix}${crypto.randomUUID()}`,
      token: randomToken(),
      build: this.#owner.build,
      platform,
      timeoutSeconds: Number(this.#env.VARVE_RUN_TIMEOUT ?? DEFAULT_TIMEOUT_S),
      task,
    };
    this.#used();
    let hasResult = false;
    try {
      const runner = holder === undefined ? undefined : { instance: holder, unstoredBytes };
      const { result, instance, isConfined, isTransient } = await this.#finish(job, runner, watcher);
      if (result?.kind !== task.kind) throw new Error(`Job ${job.id} has no result of "${task.kind}"`);
      hasResult = true;
      return { result, runner: instance ?? "", isConfined, isTransient } as TaskOutcome<K>;
    } finally {
      const released = callObject(() => this.#object.release(job.id));
      // No need to wait for the removal of an ended job: the object also removes abandoned ones.
      if (hasResult) released.catch(() => {});
      else await released;
    }
  }

  /** Queues a job and waits until it is done. @returns its last progress */
  async #finish(job: Job, holder: Holder | undefined, watcher: TaskWatcher): Promise<JobProgress> {
    const wait = new WaitLimit(job, this.#waitLimits(), watcher);
    let known: KnownProgress | undefined;
    for (let failures = 0; ; ) {
      watcher.signal.throwIfAborted();
      let progress: JobProgress;
      try {
        if (known === undefined || known.state === "unknown") {
          await this.#object.offer(job, this.#owner, holder);
        }
        const followed = this.#object.follow(job.id, known, Math.min(FOLLOW_MS, wait.left));
        progress = await untilAborted(followed, watcher.signal);
        failures = 0;
      } catch (error) {
        watcher.signal.throwIfAborted();
        // A crash or a deploy restarted the object.
        if (++failures === MAX_FAILURES) throw error;
        await pause(100 * failures);
        continue;
      }
      const { state, capable, isAwaited, unsuitable, logs, failure } = progress;
      for (const { stream, text } of logs) watcher.log(stream, text);
      if (state === "done") return progress;
      if (state === "unfit") throw new HolderUnfitError("Another runner must execute the task");
      if (failure !== undefined) throw failureError(failure, holder?.instance);
      wait.update(progress);
      known = { state, capable, isAwaited, ...(unsuitable && { unsuitable }) };
    }
  }

  #waitLimits(): WaitLimits {
    const { VARVE_RUNNER_WAIT, VARVE_LOCAL } = this.#env;
    const place = VARVE_LOCAL === "1" ? "local" : "worker";
    const seconds = Number(VARVE_RUNNER_WAIT ?? defaultWait[place]);
    return { seconds, unsuitable: Math.min(reconnectMilliseconds[place], seconds * 1000) };
  }
}

function failureError(failure: JobFailure, holder: string | undefined): Error {
  if (failure.reason !== "snapshot-lost") return new RunnerFailure(failure);
  return new SnapshotsLostError(holder ?? "", failure.snapshots);
}

/** The platform and rights that a job requires, as text. */
function requirementsOf({ platform, task }: Job): string {
  const rights = rightsOf(task);
  return rights.length === 0 ? platform : `${platform} that allows ${rights.join(" and ")}`;
}

interface WaitLimits {
  /** Limit in seconds while no suitable runner is connected. */
  seconds: number;
  /** Limit in milliseconds while only unsuitable runners are connected. */
  unsuitable: number;
}

/**
 * Reports what a job waits for. Fails when no runner connects in time, or when no connected runner can execute the job. There is
 * no limit for waiting for busy runners.
 */
class WaitLimit {
  readonly #job: Job;
  readonly #requirements: string;
  readonly #limits: WaitLimits;
  readonly #watcher: TaskWatcher;
  #aloneSince: number | undefined;
  #isUnsuitable = false;
  #reported = "";

  constructor(job: Job, limits: WaitLimits, watcher: TaskWatcher) {
    this.#job = job;
    this.#requirements = requirementsOf(job);
    this.#limits = limits;
    this.#watcher = watcher;
  }

  /** Milliseconds until the limit. */
  get left(): number {
    if (this.#aloneSince === undefined) return Number.POSITIVE_INFINITY;
    const limit = this.#isUnsuitable ? this.#limits.unsuitable : this.#limits.seconds * 1000;
    return Math.max(0, this.#aloneSince + limit - Date.now());
  }

  /** Checks the progress of the job. @throws {BuildError} `runner-missing` */
  update({ state, capable, isAwaited, unsuitable }: KnownProgress): void {
    if (state !== "queued") {
      this.#aloneSince = undefined;
      if (this.#reported !== "") this.#watcher.running?.();
      this.#reported = "";
      return;
    }
    this.#aloneSince = capable === 0 && !isAwaited ? (this.#aloneSince ?? Date.now()) : undefined;
    this.#isUnsuitable = unsuitable !== undefined;
    if (this.left > 0) {
      const why = whyWaiting(capable, isAwaited);
      this.#report(`waiting for a runner for ${this.#requirements}; ${why}`, capable > 0 && !isAwaited);
      return;
    }
    if (unsuitable !== undefined) throw unsuitableError(this.#job, this.#requirements, unsuitable);
    throw new BuildError(
      "runner-missing",
      `Cannot execute RUN: no runner for ${this.#requirements} was connected for ${this.#limits.seconds} seconds`,
      { hint: "Start one on a Linux machine: varve runner --server <URL of this server>" },
    );
  }

  #report(message: string, isBusy: boolean): void {
    if (message !== this.#reported) this.#watcher.waiting(message, isBusy);
    this.#reported = message;
  }
}

function unsuitableError(job: Job, requirements: string, platforms: readonly string[]): BuildError {
  const message = `Cannot execute RUN for ${requirements}: the connected runners cannot`;
  const [, architecture = ""] = job.platform.split("/");
  const hint = platforms.includes(job.platform)
    ? "The operator of a runner allows it: varve runner --allow RIGHT --server <URL of this server>"
    : `Start a runner on a machine with ${architecture}: varve runner --server <URL of this server>. ` +
      "Or have a runner emulate it: on Debian, apt install qemu-user-static binfmt-support, then restart the runner.";
  return new BuildError("runner-missing", `${message} (they have ${platforms.join(", ")})`, { hint });
}

function whyWaiting(capable: number, isAwaited: boolean): string {
  if (isAwaited) return "the client's runner is connecting";
  if (capable === 0) return "none is connected";
  return capable === 1 ? "the only one is busy" : `all ${capable} are busy`;
}

/**
 * Registers the runner that a client offers.
 * @param pool that of the build
 * @returns the runner's token
 */
export async function expectRunner(
  env: Env,
  pool: Pool,
  build: string,
  offer: ClientRunner,
): Promise<string> {
  const token = buildRunnerPrefix + idIn(pool, randomToken());
  await callObject(() => runnersOf(env, pool).expect(build, token, offer));
  return token;
}
