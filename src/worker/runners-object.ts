import { DurableObject } from "cloudflare:workers";
import type { Job, JobFailure } from "../../schemas/runner.ts";
import { sha256 } from "../streams/sha256.ts";
import type { Env } from "./environment.ts";
import { JobInterests, type LogPiece } from "./job-interests.ts";
import { JobQueue } from "./job-queue.ts";
import { graceMilliseconds, sweepJobs } from "./job-sweep.ts";
import { diffKey, JobTable } from "./job-table.ts";
import { RunnerConnection } from "./runner-connection.ts";
import { parseMessage, RunnerSockets } from "./runner-sockets.ts";

const sweepMilliseconds = 20_000;

/** How far a job has come. */
export interface JobProgress {
  /** `unknown`: it must be offered (again). */
  state: "queued" | "running" | "done" | "failed" | "unknown";
  /** Connected runners that could carry it out. */
  capable: number;
  /** What the process wrote since the last time. */
  logs: LogPiece[];
  failure?: JobFailure;
}

/** What of a job's progress the asker knows. */
export type KnownProgress = Pick<JobProgress, "state" | "capable">;

/** A runner as `GET /v1/runners` tells of it. */
export interface RunnerInfo {
  platforms: string[];
  capacity: number;
  labels: Record<string, string>;
  /** Jobs that it has. */
  jobs: number;
}

/** All runners and the jobs they have. */
export class Runners extends DurableObject<Env> {
  readonly #table: JobTable;
  readonly #interests = new JobInterests();
  readonly #sockets: RunnerSockets;
  readonly #queue: JobQueue;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#table = new JobTable(ctx.storage.sql);
    this.#sockets = new RunnerSockets(ctx);
    this.#queue = new JobQueue(this.#table, this.#interests, this.#sockets);
    this.#sweep();
  }

  /** A runner dials in. Who may has been judged. */
  override async fetch(): Promise<Response> {
    return this.#sockets.accept();
  }

  /** Connected runners that have said what they can. */
  async list(): Promise<RunnerInfo[]> {
    return this.#sockets
      .connected()
      .flatMap(({ id, hello }) =>
        hello === undefined ? [] : { ...hello, jobs: this.#table.ofRunner(id).length },
      );
  }

  /** Queues a job, or gives its description again when it was lost. */
  async offer(job: Job): Promise<void> {
    this.#queue.offer(job);
    await this.#watch();
  }

  /** How far a job has come, as soon as that is not what is known, and at the latest after some milliseconds. */
  async follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress> {
    this.#sweep();
    const { state, capable } = this.#progress(id);
    const isKnown = state === known?.state && capable === known.capable;
    if (isKnown && state !== "unknown" && !this.#interests.hasLogs(id)) {
      await this.#interests.news(id, milliseconds);
      this.#sweep();
    }
    return { ...this.#progress(id), logs: this.#interests.takeLogs(id) };
  }

  /** Nobody waits for the job any more; a runner that has it is told to stop. */
  async release(id: string): Promise<void> {
    this.#release(id);
    this.#queue.dispatch();
  }

  /** As `release`, for all jobs whose ids begin so. */
  async releaseAll(prefix: string): Promise<void> {
    for (const { id } of this.#table.all()) if (id.startsWith(prefix)) this.#release(id);
    this.#queue.dispatch();
  }

  /** The layers that whoever has this token may read for a job; undefined when it is not that job's token. */
  async layersFor(id: string, token: string): Promise<string[] | undefined> {
    const row = this.#table.find(id);
    if (row?.token !== sha256(token) || row.state === "done" || row.state === "failed") return undefined;
    return JSON.parse(row.layers) as string[];
  }

  /** The diff of a job is stored. */
  async keepDiff(id: string): Promise<void> {
    this.#table.setDiff(id);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const said = parseMessage(message);
    if (said === undefined) {
      socket.close(1008, "this is no message of a runner");
      return;
    }
    const runner = new RunnerConnection(socket);
    switch (said.type) {
      case "hello":
        runner.keep(said);
        this.#queue.takeBack(runner, said.jobs ?? []);
        this.#interests.wakeAll();
        break;
      case "bye":
        runner.keep(undefined, true);
        break;
      case "log":
        if (this.#queue.has(runner, said.job)) this.#interests.log(said.job, said);
        return;
      case "done":
        this.#queue.finish(runner, said.job);
        break;
      case "failed":
        this.#queue.fail(runner, said.job, said.failure);
        break;
    }
    this.#queue.dispatch();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#lose(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#lose(socket);
  }

  override async alarm(): Promise<void> {
    this.#sweep();
    await this.#watch();
  }

  #lose(socket: WebSocket): void {
    this.#queue.lose(new RunnerConnection(socket));
    this.#sweepSoon();
  }

  #sweep(): void {
    sweepJobs({
      table: this.#table,
      interests: this.#interests,
      sockets: this.#sockets,
      queue: this.#queue,
      release: (id) => this.#release(id),
      lost: () => this.#sweepSoon(),
    });
  }

  /** After the time in which a runner may come back. */
  #sweepSoon(): void {
    setTimeout(() => this.#sweep(), graceMilliseconds + 10);
  }

  #release(id: string): void {
    const row = this.#table.find(id);
    if (row !== undefined) this.#queue.stop(row);
    if (row?.diff) this.ctx.waitUntil(this.env.BUCKET.delete(diffKey(id)));
    this.#table.remove(id);
    this.#interests.forget(id);
  }

  #progress(id: string): Omit<JobProgress, "logs"> {
    const row = this.#table.find(id);
    if (row === undefined || this.#interests.job(id) === undefined) return { state: "unknown", capable: 0 };
    const { state, failure } = row;
    return {
      state: state === "lost" ? "running" : state,
      capable: this.#queue.capable(row).length,
      ...(failure !== null && { failure: JSON.parse(failure) as JobFailure }),
    };
  }

  /** As long as there are jobs, there is an instance that looks after them. */
  async #watch(): Promise<void> {
    if (this.#table.all().length > 0) await this.ctx.storage.setAlarm(Date.now() + sweepMilliseconds);
  }
}
