import { mkdir, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Entitlement } from "../../schemas/options.ts";
import type { Job, ToRunner } from "../../schemas/runner.ts";
import { findAbility } from "./ability.ts";
import { CacheLease } from "./cache-service.ts";
import { Caches } from "./caches.ts";
import { Connection } from "./connection.ts";
import { ControlGroups } from "./control-group.ts";
import { lockFolder } from "./folder-lock.ts";
import { runJob, type Workshop } from "./job.ts";
import { JobError } from "./job-error.ts";
import { JobService } from "./job-service.ts";
import { LayerStore } from "./layer-store.ts";
import { makeFolder } from "./make-folder.ts";
import { runnablePlatforms } from "./platforms.ts";
import { removeTree } from "./remove-tree.ts";
import type { Runner, RunnerOptions } from "./runner-options.ts";
import { copyTools } from "./unshare.ts";
import { needsUserNamespace } from "./user-namespace.ts";

export type { Runner, RunnerOptions };

const LAYER_BYTES = 20 * 2 ** 30;

/**
 * Connects to a server and carries out the steps that it gives.
 * @throws {UnableError} when this machine cannot
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  if (needsUserNamespace()) return (await import("./runner-apart.ts")).startRunnerApart(options);
  makeFolder(options.data, 0o700);
  const data = await realpath(options.data);
  const ability = await findAbility(data, options);
  const lock = await lockFolder(data);
  const tell = options.tell ?? ((text) => process.stderr.write(`${text}\n`));
  try {
    const jobs = join(data, "jobs");
    await removeLeftovers(jobs);
    new ControlGroups(data).close();
    const tools = join(data, "tools");
    if (ability.runtime.name === "unshare") await copyTools(tools);
    const workshop: Workshop = {
      jobs,
      layers: await LayerStore.open(
        join(options.layers ?? join(data, "layers"), ability.ground.prefix),
        options.layerBytes ?? LAYER_BYTES,
        ability.ground.prefix,
      ),
      caches: new Caches(join(data, "caches"), {
        acquire: (job, key, sharing, signal) =>
          CacheLease.acquire(new URL(options.server), job, key, sharing, signal),
        tell,
      }),
      groups: new ControlGroups(data),
      runtime: ability.runtime,
      ground: ability.ground,
      tools,
      network: options.network ?? "host",
      rights: grantedRights(options),
      ...(options.keyring && { keyring: options.keyring }),
      ...(options.memory !== undefined && { memory: options.memory }),
    };
    return new WorkingRunner(options, workshop, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A step has the network of the machine anyway where that is what all have. */
function grantedRights({ allow = [], network = "host" }: RunnerOptions): Set<Entitlement> {
  return new Set([...allow, ...(network === "host" ? (["network.host"] as const) : [])]);
}

/** What a runner that was killed left behind: nothing of it is mounted or runs any more. */
async function removeLeftovers(jobs: string): Promise<void> {
  await mkdir(jobs, { recursive: true, mode: 0o700 });
  for (const name of await readdir(jobs)) {
    await removeTree(join(jobs, name));
  }
}

class WorkingRunner implements Runner {
  readonly #connection: Connection;
  readonly #service: JobService;
  readonly #workshop: Workshop;
  readonly #platforms = runnablePlatforms();
  readonly #lock: { release(): Promise<void> };
  readonly #tell: (text: string) => void;
  readonly #running = new Map<string, { cancel: AbortController; ended: Promise<void> }>();
  #isLeaving = false;
  readonly #idle: Pick<RunnerOptions, "idle" | "idleSeconds">;
  #idling: NodeJS.Timeout | undefined;

  constructor(options: RunnerOptions, workshop: Workshop, lock: { release(): Promise<void> }) {
    const server = new URL(options.server);
    this.#tell = options.tell ?? ((text) => process.stderr.write(`${text}\n`));
    this.#workshop = workshop;
    this.#lock = lock;
    this.#service = new JobService(server);
    this.#idle = options;
    this.#rest();
    this.#connection = new Connection(server, options.token, {
      hello: () => ({
        type: "hello",
        platforms: this.#platforms,
        capacity: options.capacity,
        labels: options.labels ?? {},
        allow: [...this.#workshop.rights],
        jobs: [...this.#running.keys()],
      }),
      message: (message) => this.#obey(message),
      opened: () => this.#tell(`This machine carries out steps for ${server.origin}`),
      lost: (reason) => this.#tell(`The connection to ${server.origin} is lost: ${reason}`),
      unreached: (reason) => this.#tell(`Cannot reach ${server.origin}, and goes on trying: ${reason}`),
      refused: (answer) => options.refused?.(answer),
    });
  }

  async close(now = false): Promise<void> {
    clearTimeout(this.#idling);
    if (!this.#isLeaving) this.#connection.send({ type: "bye" });
    this.#isLeaving = true;
    const running = [...this.#running.values()];
    if (now) for (const { cancel } of running) cancel.abort();
    await Promise.all(running.map(({ ended }) => ended));
    await this.#workshop.caches.settle(now);
    await this.#connection.close();
    this.#workshop.groups.close();
    await this.#lock.release();
  }

  #obey(message: ToRunner): void {
    if (message.type === "cancel") {
      this.#running.get(message.job)?.cancel.abort();
    } else if (!this.#running.has(message.job.id)) {
      const cancel = new AbortController();
      clearTimeout(this.#idling);
      const ended = this.#carryOut(message.job, cancel.signal).finally(() => {
        this.#running.delete(message.job.id);
        this.#rest();
      });
      this.#running.set(message.job.id, { cancel, ended });
    }
  }

  /** Begins to count the time without a step, where that is of interest. */
  #rest(): void {
    const { idle, idleSeconds } = this.#idle;
    if (idle === undefined || idleSeconds === undefined || this.#running.size > 0 || this.#isLeaving) return;
    clearTimeout(this.#idling);
    this.#idling = setTimeout(idle, idleSeconds * 1000);
  }

  async #carryOut(job: Job, cancelled: AbortSignal): Promise<void> {
    let isDone = false;
    try {
      if (this.#isLeaving) throw new JobError("cancelled", "the runner is leaving");
      if (!this.#platforms.includes(job.platform)) {
        throw new JobError(
          "refused",
          `this runner is for ${this.#platforms.join(", ")}, not ${job.platform}`,
        );
      }
      const log = (stream: "stdout" | "stderr", text: string) =>
        this.#connection.send({ type: "log", job: job.id, stream, text });
      const done = () => {
        isDone = true;
        this.#connection.send({ type: "done", job: job.id });
      };
      await runJob(job, this.#workshop, this.#service, { log, done, cancelled });
    } catch (error) {
      if (isDone) return this.#tell(`What job ${job.id} left is still there: ${error}`);
      const failure = error instanceof JobError ? error : new JobError("internal", String(error));
      this.#connection.send({ type: "failed", job: job.id, failure: failure.failure });
    }
  }
}
