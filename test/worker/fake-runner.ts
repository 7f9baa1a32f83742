import type { Job, JobFailure, RunTask, Task } from "../../schemas/runner.ts";
import type { FromRunner, ToRunner } from "../../schemas/runner-messages.ts";
import { contextsOf, layersOf } from "../../schemas/task-needs.ts";
import { ingestTar } from "../../src/context/ingest.ts";
import { keyOfContext, readContextPacks } from "../../src/context/store.ts";
import { RunnerFailure, SnapshotsLostError } from "../../src/engine/run/runners.ts";
import { tocKey } from "../../src/layers/toc.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import type { Tree } from "../../src/rootfs/tree.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { MemoryRunner } from "../helpers/memory-runner.ts";
import { archive } from "../tar/archive.ts";
import { ask } from "./server.ts";

/** A job with the fields of its task beside its own. */
export type RunJob = Job & RunTask;

/** Result of a RUN: members of the upper directory, or the reason for the failure. */
type Answer = { upper: Uint8Array[] } | { failure: JobFailure };

type Hello = Extract<FromRunner, { type: "hello" }>;
type JobOf<K extends Task["kind"]> = Job & { task: Extract<Task, { kind: K }> };

interface DialOptions {
  token?: string;
  /** URL of the server. Default: one on this machine. */
  url?: string;
  /** The same runner before its connection was lost. */
  before?: FakeRunner;
}

/** The part of a job that its requests need. */
export type JobRef = Pick<Job, "id" | "token">;

/**
 * A runner that connects to the server over a real WebSocket and transfers objects and layers over the real routes of
 * its jobs. A test gives the results of RUN; the runner executes all other tasks itself.
 */
export class FakeRunner implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #machine: Machine;
  readonly #received: ToRunner[] = [];
  #news = Promise.withResolvers<void>();
  /** Messages and jobs that it has handled without the test, in order. */
  readonly handled: ToRunner[] = [];
  /** Kinds of tasks that the test handles besides RUN: `task` gives them. */
  readonly manual = new Set<Task["kind"]>();
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: WebSocket, machine: Machine) {
    this.#socket = socket;
    this.#machine = machine;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data as string) as ToRunner));
    this.closed = new Promise((resolve) => socket.addEventListener("close", () => resolve()));
    socket.accept();
  }

  /** Connects and sends what the runner can do. */
  static async dial(
    hello: Partial<Hello> = {},
    { token, url, before }: DialOptions = {},
  ): Promise<FakeRunner> {
    const answer = await dial(token === undefined ? "varve.runner" : `varve.runner, token.${token}`, url);
    if (answer.webSocket === null) throw new Error(`${answer.status}: ${await answer.text()}`);
    const machine = before === undefined ? new Machine() : before.#machine;
    const runner = new FakeRunner(answer.webSocket, machine);
    runner.hello({ jobs: machine.running, ...hello });
    machine.connect((message) => runner.say(message));
    await runner.known();
    return runner;
  }

  /** The size that the runner reports for the snapshot of each RUN. */
  set snapshotBytes(bytes: number) {
    this.#machine.memory.snapshotBytes = bytes;
  }

  get instance(): string {
    return this.#machine.memory.id;
  }

  hello(hello: Partial<Hello> = {}): void {
    const { instance } = this;
    this.say({ type: "hello", instance, platforms: ["linux/amd64"], capacity: 1, labels: {}, ...hello });
  }

  say(message: FromRunner): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Resolves when the server has handled all earlier messages. */
  async known(): Promise<void> {
    // Messages and requests reach the same object, one after the other.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ask("/v1/runners");
  }

  /** The next message of the server that the test handles: jobs, and their cancellations. */
  next(): Promise<ToRunner> {
    return this.#nextWhere(() => true);
  }

  /** The next job of a kind: RUN, or one that is in `manual`. */
  async task<K extends Task["kind"]>(kind: K): Promise<JobOf<K>> {
    const message = await this.#nextWhere(
      (message) => message.type === "job" && message.job.task.kind === kind,
    );
    return (message as Extract<ToRunner, { type: "job" }>).job as JobOf<K>;
  }

  /** The next RUN job. */
  async job(): Promise<RunJob> {
    const job = await this.task("run");
    return { ...job, ...job.task };
  }

  /** Receives a RUN job and answers it. */
  async work(answer: Answer | ((job: RunJob) => Answer | Promise<Answer>)): Promise<RunJob> {
    const job = await this.job();
    const made = typeof answer === "function" ? await answer(job) : answer;
    if ("failure" in made) this.say({ type: "failed", job: job.id, failure: made.failure });
    else await this.finish(job, made.upper);
    return job;
  }

  /** Ends the process of a RUN job, which leaves an upper directory. */
  async finish(job: RunJob, upper: Uint8Array[]): Promise<void> {
    const execution = this.#machine.execute(job);
    await this.#machine.end(job, upper);
    await execution;
  }

  log({ id }: Pick<Job, "id">, text: string, stream: "stdout" | "stderr" = "stdout"): void {
    this.say({ type: "log", job: id, stream, text });
  }

  /** Executes a job of a kind that is in `manual`, as it would without the test. */
  async execute(job: Job): Promise<void> {
    await this.#machine.execute(job);
  }

  /** Forgets all snapshots, as a runner does that is out of disk space. */
  loseSnapshots(): void {
    this.#machine.memory.lose();
  }

  /** Kinds of the tasks that it has executed without the test, in order. */
  get executed(): Task["kind"][] {
    return this.handled.flatMap((message) => (message.type === "job" ? message.job.task.kind : []));
  }

  close(): void {
    this.#socket.close(1000, "enough");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async #nextWhere(isWanted: (message: ToRunner) => boolean): Promise<ToRunner> {
    for (;;) {
      const index = this.#received.findIndex(isWanted);
      if (index >= 0) return this.#received.splice(index, 1)[0] as ToRunner;
      await this.#news.promise;
    }
  }

  #receive(message: ToRunner): void {
    if (this.#handle(message)) {
      this.handled.push(message);
      return;
    }
    this.#received.push(message);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** False for a message that the test handles. */
  #handle(message: ToRunner): boolean {
    switch (message.type) {
      case "job": {
        const { job } = message;
        if (this.manual.has(job.task.kind)) return false;
        this.#machine.execute(job);
        return job.task.kind !== "run";
      }
      case "terminal":
      case "port":
        return false;
      case "cancel":
        return this.handled.some((one) => isJob(one, message.job));
      case "find":
        this.#machine.memory
          .find(message.names)
          .then((found) =>
            this.say({ type: "found", request: message.request, snapshots: withoutRunner(found) }),
          )
          .catch(() => {});
        return true;
      case "keep":
        this.#machine.memory.keep(
          { runner: this.instance, id: message.snapshot, bytes: 0, isTransient: false },
          message.names,
        );
        return true;
      case "release":
        return true;
    }
  }
}

/** What remains of a runner when its connection is lost: its files and its jobs. */
class Machine {
  /** Objects that it has fetched and layers that it has written. */
  readonly #store = memoryStore();
  readonly memory = new MemoryRunner(this.#store, (task) => this.#process(task).promise);
  readonly #processes = new Map<RunTask, PromiseWithResolvers<Tree>>();
  /** Jobs by id. */
  readonly #jobs = new Map<string, Promise<void>>();
  readonly #ended = new Set<string>();
  /** Results that were not sent because the connection was lost. */
  #unsent: FromRunner[] = [];
  #send = (message: FromRunner): void => {
    this.#unsent.push(message);
  };

  /** Jobs that it executes. */
  get running(): string[] {
    return [...this.#jobs.keys()].filter((id) => !this.#ended.has(id));
  }

  connect(send: (message: FromRunner) => void): void {
    this.#send = (message) => {
      try {
        send(message);
      } catch {
        this.#unsent.push(message);
      }
    };
    for (const message of this.#unsent.splice(0)) this.#send(message);
  }

  /** Executes a job, unless it executes already, and sends the result. */
  execute(job: Job): Promise<void> {
    let execution = this.#jobs.get(job.id);
    if (execution === undefined) {
      execution = this.#execute(job).then((result) => {
        this.#ended.add(job.id);
        this.#send(result);
      });
      this.#jobs.set(job.id, execution);
    }
    return execution;
  }

  /** Ends the process of a RUN. */
  async end({ task }: Job, upper: Uint8Array[]): Promise<void> {
    const { tree } = await ingestTar(singleChunk(archive(...upper)), { store: this.#store });
    this.#process(task as RunTask).resolve(tree);
  }

  async #execute(job: Job): Promise<FromRunner> {
    try {
      await this.#fetchInputs(job);
      const watcher = { log: () => {}, waiting: () => {}, signal: new AbortController().signal };
      const { result } = await this.memory.execute(job.task, { platform: job.platform, watcher });
      if (result.kind === "layer") await this.#upload(job, result.layer.digest);
      return { type: "done", job: job.id, result };
    } catch (error) {
      return { type: "failed", job: job.id, failure: failureOf(error) };
    }
  }

  #process(task: RunTask): PromiseWithResolvers<Tree> {
    let process = this.#processes.get(task);
    if (process === undefined) {
      process = Promise.withResolvers<Tree>();
      this.#processes.set(task, process);
    }
    return process;
  }

  async #fetchInputs(job: Job): Promise<void> {
    for (const layer of layersOf(job.task)) {
      if ("digest" in layer) await this.#fetch(job, blobKey(layer.digest));
    }
    for (const context of contextsOf(job.task)) {
      const key = keyOfContext(context);
      await this.#fetch(job, key);
      for (const pack of await readContextPacks(this.#store, key)) await this.#fetch(job, `packs/${pack}`);
    }
  }

  async #fetch(job: JobRef, key: string): Promise<void> {
    if ((await this.#store.head(key)) !== undefined) return;
    const response = await getObject(job, key);
    if (!response.ok) throw new Error(await response.text());
    const bytes = new Uint8Array(await response.arrayBuffer());
    await this.#store.put(key, bytes, bytes.length);
  }

  async #upload(job: JobRef, digest: string): Promise<void> {
    const blob = await this.#store.getBytes(blobKey(digest));
    const toc = await this.#store.getBytes(tocKey(digest));
    if (blob === undefined || toc === undefined) throw new Error(`The runner has not written ${digest}`);
    await uploadLayer(job, digest, blob, toc);
  }
}

export function dial(protocols: string, url = "/v1/runners", headers: Record<string, string> = {}) {
  return ask(url, { headers: { upgrade: "websocket", "sec-websocket-protocol": protocols, ...headers } });
}

/** Reads a stored object with the token of a job. */
export function getObject(job: JobRef, key: string, headers: Record<string, string> = {}): Promise<Response> {
  return askFor(job, `objects/${key}`, { headers });
}

/** Reads a layer with the token of a job. */
export function getLayer(job: JobRef, digest: string): Promise<Response> {
  return getObject(job, blobKey(digest));
}

/** Starts the upload of a layer. */
export function startLayer(job: JobRef): Promise<Response> {
  return askFor(job, "layers", { method: "POST" });
}

/** Sends a part of a layer. */
export function sendLayer(job: JobRef, upload: string, offset: number, body: Uint8Array): Promise<Response> {
  const path = `layers/${upload}?offset=${offset}`;
  return askFor(job, path, { method: "PATCH", body: body as Uint8Array<ArrayBuffer> });
}

/** Ends the upload of a layer. */
export function finishLayer(job: JobRef, upload: string, digest: string): Promise<Response> {
  return askFor(job, `layers/${upload}?digest=${digest}`, { method: "PUT" });
}

/** Sends the table of contents of a layer. */
export function putToc(job: JobRef, digest: string, body: Uint8Array): Promise<Response> {
  return askFor(job, `tocs/${digest}`, { method: "PUT", body: body as Uint8Array<ArrayBuffer> });
}

/** Uploads a layer in two parts, and its table of contents. @throws {Error} with the response of the server */
async function uploadLayer(job: JobRef, digest: string, blob: Uint8Array, toc: Uint8Array): Promise<void> {
  const { upload } = await (await accepted(startLayer(job))).json<{ upload: string }>();
  const half = blob.length >> 1;
  await accepted(sendLayer(job, upload, 0, blob.subarray(0, half)));
  await accepted(sendLayer(job, upload, half, blob.subarray(half)));
  await accepted(finishLayer(job, upload, digest));
  await accepted(putToc(job, digest, toc));
}

async function accepted(request: Promise<Response>): Promise<Response> {
  const response = await request;
  if (!response.ok) throw new Error(await response.text());
  return response;
}

function askFor({ id, token }: JobRef, path: string, init: RequestInit): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` };
  return ask(`/v1/jobs/${id}/${path}`, { ...init, headers });
}

function isJob(message: ToRunner, id: string): boolean {
  return message.type === "job" && message.job.id === id;
}

function withoutRunner(found: Awaited<ReturnType<MemoryRunner["find"]>>) {
  return Object.fromEntries([...found].map(([name, { id, bytes }]) => [name, { id, bytes }]));
}

function failureOf(error: unknown): JobFailure {
  if (error instanceof RunnerFailure) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SnapshotsLostError)) return { reason: "internal", message };
  return { reason: "snapshot-lost", message, ...(error.ids && { snapshots: [...error.ids] }) };
}
