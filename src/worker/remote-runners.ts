import { type ClientRunner, type Job, rightsOf } from "../../schemas/runner.ts";
import { openContext } from "../context/store.ts";
import { BuildError } from "../engine/errors.ts";
import {
  type RunExecutor,
  RunFailure,
  type RunWatcher,
  type RunWork,
  type Upper,
} from "../engine/run/run-executor.ts";
import type { Env } from "./environment.ts";
import type { JobProgress, KnownProgress } from "./job-progress.ts";
import { diffKey, type JobOwner } from "./job-table.ts";
import { buildRunnerPrefix, randomToken } from "./runner-tokens.ts";
import { storeOf } from "./store.ts";

/** How long the object of the runners is asked at a time. */
const askMilliseconds = 15_000;
/** How often in a row it may fail to answer. */
const mostFailures = 10;
/** Seconds for which a build waits when no runner is connected that could do it. */
const defaultWait = { worker: 600, local: 30 };
const defaultTimeout = 6 * 60 * 60;

/** The one object that knows all runners. */
export function runnersOf(env: Env) {
  return env.RUNNERS.getByName("runners");
}

/** Has RUN carried out by the runners that are connected to this server. */
export class RemoteRunners implements RunExecutor {
  readonly #env: Env;
  readonly #owner: JobOwner;
  /** Jobs of this build begin with it. */
  readonly #prefix: string;

  constructor(env: Env, owner: JobOwner) {
    this.#env = env;
    this.#owner = owner;
    this.#prefix = `${owner.build.slice(0, 16)}-`;
  }

  /** Stops what an earlier instance of the build has left running. */
  async forgetJobs(): Promise<void> {
    await runnersOf(this.#env).releaseAll(this.#prefix);
  }

  async carryOut(work: RunWork, watcher: RunWatcher): Promise<Upper> {
    const timeoutSeconds = Number(this.#env.VARVE_RUN_TIMEOUT ?? defaultTimeout);
    const job: Job = {
      ...work,
      id: `${this.#prefix}${crypto.randomUUID()}`,
      token: randomToken(),
      timeoutSeconds,
    };
    const release = () => runnersOf(this.#env).release(job.id);
    let isConfined: boolean;
    try {
      isConfined = await this.#finish(job, watcher);
    } catch (error) {
      await release();
      throw error;
    }
    const store = storeOf(this.#env);
    const diff = await openContext(store, "", diffKey(job.id));
    if (diff === undefined) throw new Error(`Cannot read the diff of job ${job.id}: it is gone`);
    return { tree: diff.tree, isConfined, close: release };
  }

  /** Resolves when a runner has put the diff of the job: whether only its scope believes it. */
  async #finish(job: Job, watcher: RunWatcher): Promise<boolean> {
    const wait = new WaitLimit(wantedOf(job), this.#waitSeconds(), watcher);
    let known: KnownProgress | undefined;
    for (let failures = 0; ; ) {
      watcher.signal.throwIfAborted();
      let progress: JobProgress;
      try {
        if (known === undefined || known.state === "unknown") {
          await runnersOf(this.#env).offer(job, this.#owner);
        }
        const asked = runnersOf(this.#env).follow(job.id, known, Math.min(askMilliseconds, wait.left));
        progress = await Promise.race([asked, aborted(watcher.signal)]);
        failures = 0;
      } catch (error) {
        watcher.signal.throwIfAborted();
        // The object was ended by a crash or a deploy, and is there again.
        if (++failures === mostFailures) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100 * failures));
        continue;
      }
      const { state, capable, isAwaited, logs, failure } = progress;
      for (const { stream, text } of logs) watcher.log(stream, text);
      if (state === "done") return progress.isConfined;
      if (failure !== undefined) throw new RunFailure(failure);
      wait.see(progress);
      known = { state, capable, isAwaited };
    }
  }

  #waitSeconds(): number {
    const { VARVE_RUNNER_WAIT, VARVE_LOCAL } = this.#env;
    return Number(VARVE_RUNNER_WAIT ?? (VARVE_LOCAL === "1" ? defaultWait.local : defaultWait.worker));
  }
}

/** What a runner must be for, in words. */
function wantedOf(job: Job): string {
  const rights = rightsOf(job);
  return rights.length === 0 ? job.platform : `${job.platform} that allows ${rights.join(" and ")}`;
}

/** Says what a job waits for, and ends the waiting when nobody comes. A job waits for busy runners as long as it takes. */
class WaitLimit {
  readonly #wanted: string;
  readonly #seconds: number;
  readonly #watcher: RunWatcher;
  #aloneSince: number | undefined;
  #said = "";

  constructor(wanted: string, seconds: number, watcher: RunWatcher) {
    this.#wanted = wanted;
    this.#seconds = seconds;
    this.#watcher = watcher;
  }

  /** Milliseconds until the waiting ends. */
  get left(): number {
    if (this.#aloneSince === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#aloneSince + this.#seconds * 1000 - Date.now());
  }

  /** @throws BuildError `runner-missing` */
  see({ state, capable, isAwaited }: KnownProgress): void {
    if (state !== "queued") {
      this.#aloneSince = undefined;
      return;
    }
    this.#say(`waiting for a runner for ${this.#wanted}; ${whyWaiting(capable, isAwaited)}`);
    this.#aloneSince = capable === 0 && !isAwaited ? (this.#aloneSince ?? Date.now()) : undefined;
    if (this.left > 0) return;
    throw new BuildError(
      "runner-missing",
      `RUN cannot be carried out: no runner for ${this.#wanted} was connected for ${this.#seconds} seconds`,
      { hint: "Start one on a Linux machine: varve runner --server <URL of this server>" },
    );
  }

  #say(message: string): void {
    if (message !== this.#said) this.#watcher.waiting(message);
    this.#said = message;
  }
}

function whyWaiting(capable: number, isAwaited: boolean): string {
  if (isAwaited) return "the client's own is on its way";
  if (capable === 0) return "none is connected";
  return capable === 1 ? "the only one is busy" : `all ${capable} are busy`;
}

/** What a runner beside a client shows. */
export async function expectRunner(env: Env, build: string, offer: ClientRunner): Promise<string> {
  const token = buildRunnerPrefix + randomToken();
  await runnersOf(env).expect(build, token, offer);
  return token;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
