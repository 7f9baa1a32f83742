import { setTimeout as sleep } from "node:timers/promises";
import type { FromExec, FromTerminal } from "../../schemas/containers.ts";
import type { FromPort, ToPort } from "../../schemas/ports.ts";
import type { Job, JobResult } from "../../schemas/runner.ts";
import type { ToRunner } from "../../schemas/runner-messages.ts";
import { JobError } from "./job-error.ts";
import { networkHint } from "./network/step-networks.ts";
import type { Runner, RunnerOptions } from "./runner-options.ts";
import { UnableError } from "./sandbox/ability.ts";
import { machinePlatforms } from "./sandbox/platforms.ts";
import { REFUSED, tryContainer } from "./sandbox/trial.ts";
import { canFilter } from "./sandbox/unshare.ts";
import { ServerConnection } from "./server/connection.ts";
import { executeJob } from "./tasks/execute-job.ts";
import type { RunnerContext } from "./tasks/runner-context.ts";

/** Default number of containers with terminals at a time. */
const CONTAINERS = 8;
/** Time without a job after which cache mounts are saved: saving them would slow down the steps of a build. */
const SAVE_AFTER_MS = 2_000;
/** Time that a stopping runner waits for builds to store its snapshots. */
const STORE_MS = 10_000;

/** A runner that is connected to a server, and executes its jobs. */
export class WorkingRunner implements Runner {
  readonly #connection: ServerConnection;
  readonly #context: RunnerContext;
  readonly #platforms = machinePlatforms();
  readonly #lock: { release(): Promise<void> };
  readonly #print: (text: string) => void;
  readonly #running = new Map<string, { job: Job; cancel: AbortController; ended: Promise<void> }>();
  /** Receivers of clients' messages, by job. */
  readonly #terminals = new Map<string, (message: FromTerminal) => void>();
  /** Receivers of requests to ports, by job. */
  readonly #ports = new Map<string, (message: ToPort) => void>();
  /** Running builds whose snapshots it holds. */
  readonly #builds = new Set<string>();
  #closing: Promise<void> | undefined;
  /** Whether it closes without waiting for builds. */
  #isHurried = false;
  #changed = Promise.withResolvers<void>();
  /** Whether this machine has started a container, as far as known. */
  #isAble: boolean;
  /** Resolves to whether the machine cannot start containers. */
  #trial: Promise<boolean> | undefined;
  #saving: NodeJS.Timeout | undefined;
  readonly #options: RunnerOptions;
  #idling: NodeJS.Timeout | undefined;

  /** @param instance identifies the folder of snapshots */
  constructor(
    options: RunnerOptions,
    context: RunnerContext,
    lock: { release(): Promise<void> },
    instance: string,
  ) {
    const server = new URL(options.server);
    this.#print = options.print ?? ((text) => process.stderr.write(`${text}\n`));
    this.#context = context;
    this.#lock = lock;
    this.#options = options;
    this.#isAble = options.unable === undefined;
    this.#startIdleTimers();
    this.#connection = new ServerConnection(server, options, {
      hello: () => ({
        type: "hello",
        instance,
        platforms: this.#platforms,
        capacity: options.capacity,
        containers: options.containers ?? CONTAINERS,
        labels: options.labels ?? {},
        allow: [...this.#context.rights],
        isLasting: options.isLasting ?? false,
        jobs: [...this.#running.keys()],
      }),
      message: (message) => this.#receive(message),
      opened: () => this.#print(`Connected: this machine executes steps for ${server.origin}`),
      lost: (reason) => this.#print(`Lost the connection to ${server.origin}: ${reason}. Reconnecting.`),
      unreached: (reason) => this.#print(`Cannot connect to ${server.origin}: ${reason}. Retrying.`),
      refused: (answer) => options.refused?.(answer),
      dismissed: () => options.dismissed?.(),
    });
  }

  get shortcomings(): readonly string[] {
    const { networks, runtime } = this.#context;
    return [
      ...(networks.shortcoming === undefined ? [] : [networkHint(networks.shortcoming)]),
      ...(runtime.name === "unshare" && !canFilter()
        ? ["System calls of steps are not filtered: install crun, runc or perl."]
        : []),
    ];
  }

  close(now = false): Promise<void> {
    if (now) {
      this.#isHurried = true;
      for (const { cancel } of this.#running.values()) cancel.abort();
      this.#context.caches.stopSaving();
    }
    // A closing runner does not wait for containers.
    for (const { job, cancel } of this.#running.values()) if (job.task.kind === "container") cancel.abort();
    this.#closing ??= this.#close();
    this.#wake();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#idling);
    clearTimeout(this.#saving);
    this.#connection.send({ type: "bye" });
    await this.#finish();
    await this.#context.caches.close();
    await this.#connection.close();
    await this.#context.networks.close();
    await this.#context.workspaces.close();
    this.#context.groups.close();
    await this.#lock.release();
  }

  /** Waits until no job runs and no build needs a snapshot, or until nothing changed for `STORE_MS`. */
  async #finish(): Promise<void> {
    for (;;) {
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
      if (this.#running.size > 0) continue;
      if (this.#isHurried || this.#builds.size === 0) return;
      const { promise } = this.#changed;
      const timeout = new AbortController();
      const isOver = await Promise.race([
        promise.then(() => false),
        sleep(STORE_MS, true, { signal: timeout.signal }).catch(() => false),
      ]);
      timeout.abort();
      if (isOver) return;
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #receive(message: ToRunner): void {
    const { store } = this.#context;
    switch (message.type) {
      case "job":
        if (!this.#running.has(message.job.id)) this.#start(message.job);
        break;
      case "cancel":
        this.#running.get(message.job)?.cancel.abort();
        break;
      case "terminal":
        this.#terminals.get(message.job)?.(message.message);
        break;
      case "port":
        this.#ports.get(message.job)?.(message.message);
        break;
      case "find":
        void this.#find(message.request, message.names);
        break;
      case "keep":
        store.names.keep(message.snapshot, message.names).catch(() => {});
        break;
      case "release":
        store.release(message.build);
        this.#builds.delete(message.build);
        this.#wake();
    }
  }

  async #find(request: string, names: readonly string[]): Promise<void> {
    const found = await this.#context.store.names.find(names);
    this.#connection.send({ type: "found", request, snapshots: Object.fromEntries(found) });
  }

  #start(job: Job): void {
    const cancel = new AbortController();
    clearTimeout(this.#idling);
    clearTimeout(this.#saving);
    this.#context.caches.pause();
    const ended = this.#execute(job, cancel.signal).finally(() => {
      this.#running.delete(job.id);
      this.#terminals.delete(job.id);
      this.#ports.delete(job.id);
      this.#startIdleTimers();
    });
    this.#running.set(job.id, { job, cancel, ended });
    if (job.task.kind !== "container") this.#builds.add(job.build);
    this.#wake();
  }

  /** Without a job, cache mounts are saved after a while, and `idle` is called after its time. */
  #startIdleTimers(): void {
    if (this.#running.size > 0 || this.#closing !== undefined) return;
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#context.caches.save(), SAVE_AFTER_MS);
    const { idle, idleSeconds } = this.#options;
    if (idle === undefined || idleSeconds === undefined) return;
    clearTimeout(this.#idling);
    this.#idling = setTimeout(idle, idleSeconds * 1000);
  }

  async #execute(job: Job, cancelled: AbortSignal): Promise<void> {
    let isDone = false;
    let isSuspect = false;
    try {
      if (this.#isHurried || (this.#closing !== undefined && job.task.kind !== "layer")) {
        throw new JobError("cancelled", "the runner is closing");
      }
      const hasProcess = job.task.kind === "run" || job.task.kind === "container";
      if (hasProcess && !this.#platforms.includes(job.platform)) {
        throw new JobError(
          "refused",
          `this runner executes steps for ${this.#platforms.join(", ")}, not for ${job.platform}`,
        );
      }
      const log = (stream: "stdout" | "stderr", text: string) => {
        isSuspect ||= !this.#isAble && REFUSED.test(text);
        return this.#connection.send({ type: "log", job: job.id, stream, text });
      };
      const done = (result: JobResult) => {
        isDone = true;
        if (result.kind === "run") this.#isAble = true;
        if (result.kind === "layer") this.#options.stored?.(result.layer.size);
        this.#connection.send({ type: "done", job: job.id, result });
      };
      const terminal = {
        started: () => void this.#connection.send({ type: "started", job: job.id }),
        output: (text: string, mark?: string) =>
          void this.#connection.send({ type: "output", job: job.id, text, ...(mark && { mark }) }),
        typed: (characters: number) => void this.#connection.send({ type: "typed", job: job.id, characters }),
        exec: (message: FromExec) => void this.#connection.send({ type: "exec", job: job.id, message }),
        listen: (receive: (message: FromTerminal) => void) => void this.#terminals.set(job.id, receive),
        port: (message: FromPort) => void this.#connection.send({ type: "port", job: job.id, message }),
        listenToPorts: (receive: (message: ToPort) => void) => void this.#ports.set(job.id, receive),
      };
      await executeJob(job, this.#context, { log, done, terminal, cancelled });
    } catch (error) {
      if (isDone) return this.#print(`Cannot remove the files of job ${job.id}: ${error}`);
      const known = error instanceof JobError ? error : new JobError("internal", String(error));
      const isUnable = isSuspect && known.failure.reason === "exit" && (await this.#findUnable());
      const { failure } = isUnable ? new JobError("cancelled", "the runner is closing") : known;
      this.#connection.send({ type: "failed", job: job.id, failure });
    }
  }

  /**
   * Whether this machine cannot start containers. The runner then accepts no further steps, so that others execute them, and
   * closes when these have its snapshots.
   */
  #findUnable(): Promise<boolean> {
    this.#trial ??= tryContainer(this.#context).then(
      () => false,
      (error: Error) => {
        if (!(error instanceof UnableError)) return false;
        this.close().catch(() => {});
        this.#options.unable?.(error.message);
        return true;
      },
    );
    return this.#trial;
  }
}
