import { randomUUID } from "node:crypto";
import type { Task } from "../../schemas/runner.ts";
import {
  type FoundSnapshot,
  RunnerFailure,
  type RunnerPool,
  SnapshotsLostError,
  type TaskOptions,
  type TaskOutcome,
} from "../../src/engine/run/runners.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { RunnerServer } from "../helpers/runner-server.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";

const id = "this machine";

/** Executes tasks with a runner on this machine, which reads and writes the objects of a store. */
export class RealRunner implements RunnerPool, AsyncDisposable {
  readonly #server: RunnerServer;
  readonly #runner: Runner;
  readonly #folder: TemporaryFolder;

  private constructor(server: RunnerServer, runner: Runner, folder: TemporaryFolder) {
    this.#server = server;
    this.#runner = runner;
    this.#folder = folder;
  }

  /** @throws {UnableError} when this machine cannot execute RUN */
  static async start(store: ObjectStore): Promise<RealRunner> {
    const server = await RunnerServer.start(store);
    const folder = temporaryFolder();
    const runner = await startRunner({
      server: server.url,
      token: "any",
      capacity: 2,
      print: () => {},
      data: folder.path,
    });
    return new RealRunner(server, runner, folder);
  }

  /** Nothing: each case executes all of its steps. */
  async find(): Promise<ReadonlyMap<string, FoundSnapshot>> {
    return new Map();
  }

  async keep(): Promise<void> {}

  async execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    { platform, watcher }: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    const { signal } = watcher;
    signal.throwIfAborted();
    const job = { id: randomUUID(), token: randomUUID(), build: "case", platform, timeoutSeconds: 60, task };
    const cancel = () => this.#server.send({ type: "cancel", job: job.id });
    signal.addEventListener("abort", cancel, { once: true });
    const { result, failure, log } = await this.#server.execute(job);
    signal.removeEventListener("abort", cancel);
    watcher.log("stdout", log);
    if (failure?.reason === "snapshot-lost") throw new SnapshotsLostError(id, failure.snapshots);
    if (failure !== undefined) throw new RunnerFailure(failure);
    return { result, runner: id, isConfined: false } as TaskOutcome<K>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner.close(true);
    await this.#server.close();
    this.#folder[Symbol.dispose]();
  }
}
