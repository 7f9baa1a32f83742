import { DurableObject } from "cloudflare:workers";
import { type FromRunner, fromRunner, type Job, type JobFailure } from "../../schemas/runner.ts";
import { sha256 } from "../streams/sha256.ts";
import type { Env } from "./environment.ts";
import { diffKey, type JobRow, JobTable } from "./job-table.ts";
import { RunnerConnection } from "./runner-connection.ts";

/** How long a runner that is gone may take to come back to its jobs. */
const graceMilliseconds = 5_000;
/** How long a runner that is there may say nothing. */
const silentMilliseconds = 90_000;
/** How long a job is kept that nobody asks about any more. */
const abandonedMilliseconds = 60_000;
/** Seconds that a runner may take longer than a job's time. */
const overtimeSeconds = 60;
const sweepMilliseconds = 20_000;
/** How often a job is given to a runner. */
const mostAttempts = 3;
const longestMessage = 1024 * 1024;
/** Characters of output that wait for the build to ask for them. */
const mostOutput = 4 * 1024 * 1024;

export interface LogPiece {
  stream: "stdout" | "stderr";
  text: string;
}

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

/** What a job's owner asks about it. */
interface Interest {
  job: Job;
  logs: LogPiece[];
  output: number;
  asked: number;
  wake: () => void;
}

/**
 * All runners and the jobs they have: gives each job to a runner that can carry it out, and to another one when that
 * one vanishes. What a process is given is in memory only; when that is lost, the build offers the job again.
 */
export class Runners extends DurableObject<Env> {
  readonly #jobs: JobTable;
  readonly #interests = new Map<string, Interest>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#jobs = new JobTable(ctx.storage.sql);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.#sweep();
  }

  /** A runner dials in. Who may has been judged. */
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    new RunnerConnection(server).keep(undefined);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": "varve.runner" },
    });
  }

  /** Connected runners that have said what they can. */
  async list(): Promise<RunnerInfo[]> {
    return this.#connections().flatMap(({ id, hello }) =>
      hello === undefined ? [] : { ...hello, jobs: this.#jobs.ofRunner(id).length },
    );
  }

  /** Queues a job, or gives its description again when it was lost. */
  async offer(job: Job): Promise<void> {
    this.#jobs.add(job, sha256(job.token), layersOf(job));
    const known = this.#interests.get(job.id);
    this.#interests.set(job.id, {
      job,
      logs: known?.logs ?? [],
      output: known?.output ?? 0,
      asked: Date.now(),
      wake: known?.wake ?? (() => {}),
    });
    await this.#watch();
    this.#dispatch();
  }

  /** How far a job has come, as soon as that is not what is known, and at the latest after some milliseconds. */
  async follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress> {
    this.#sweep();
    const interest = this.#interests.get(id);
    let progress = this.#progress(id);
    if (interest === undefined) return progress;
    interest.asked = Date.now();
    if (progress.state === known?.state && progress.capable === known.capable && progress.logs.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        interest.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#sweep();
      progress = this.#progress(id);
    }
    interest.asked = Date.now();
    interest.logs = [];
    interest.output = 0;
    return progress;
  }

  /** Nobody waits for the job any more; a runner that has it is told to stop. */
  async release(id: string): Promise<void> {
    this.#release(id);
    this.#dispatch();
  }

  /** As `release`, for all jobs whose ids begin so. */
  async releaseAll(prefix: string): Promise<void> {
    for (const { id } of this.#jobs.all()) if (id.startsWith(prefix)) this.#release(id);
    this.#dispatch();
  }

  /** The layers that whoever has this token may read for a job; undefined when it is not that job's token. */
  async layersFor(id: string, token: string): Promise<string[] | undefined> {
    const row = this.#jobs.find(id);
    if (row?.token !== sha256(token) || row.state === "done" || row.state === "failed") return undefined;
    return JSON.parse(row.layers) as string[];
  }

  /** The diff of a job is stored. */
  async keepDiff(id: string): Promise<void> {
    this.#jobs.setDiff(id);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const said = parse(message);
    if (said === undefined) {
      socket.close(1008, "this is no message of a runner");
      return;
    }
    const runner = new RunnerConnection(socket);
    switch (said.type) {
      case "hello":
        runner.keep(said);
        this.#takeBack(runner, said.jobs ?? []);
        this.#wakeAll();
        break;
      case "bye":
        runner.keep(undefined, true);
        break;
      case "log":
        if (this.#has(runner, said.job)) this.#log(said.job, said);
        return;
      case "done":
        if (this.#has(runner, said.job) || this.#hasDiff(said.job)) this.#finish(said.job);
        break;
      case "failed":
        if (this.#has(runner, said.job) || this.#isLost(said.job)) this.#fail(said.job, said.failure);
        break;
    }
    this.#dispatch();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#lose(new RunnerConnection(socket));
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#lose(new RunnerConnection(socket));
  }

  override async alarm(): Promise<void> {
    this.#sweep();
    await this.#watch();
  }

  #connections(): RunnerConnection[] {
    return this.ctx
      .getWebSockets()
      .filter((socket) => socket.readyState === WebSocket.READY_STATE_OPEN && !this.#isSilent(socket))
      .map((socket) => new RunnerConnection(socket));
  }

  /** A runner asks for life now and then; when it did and does no more, its machine is gone. */
  #isSilent(socket: WebSocket): boolean {
    const asked = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    return asked !== undefined && Date.now() - asked > silentMilliseconds;
  }

  /** Gives waiting jobs to those runners that have the most room. */
  #dispatch(): void {
    for (const row of this.#jobs.inState("queued")) {
      const interest = this.#interests.get(row.id);
      if (interest === undefined) continue;
      const able = this.#connections()
        .filter((runner) => runner.canRun(row.platform))
        .map((runner) => ({
          runner,
          room: (runner.hello?.capacity ?? 0) - this.#jobs.ofRunner(runner.id).length,
        }))
        .filter(({ room }) => room > 0)
        .sort((a, b) => b.room - a.room);
      const first = able[0]?.runner;
      if (first === undefined || !first.send({ type: "job", job: interest.job })) continue;
      this.#jobs.assign(row.id, first.id, row.attempts + 1);
      interest.wake();
    }
  }

  /** A runner that was gone is back with these jobs. Those that another one has by now it shall stop. */
  #takeBack(runner: RunnerConnection, ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.#jobs.find(id);
      if (row?.state === "lost" || row?.state === "queued") this.#jobs.assign(id, runner.id, row.attempts);
      else if (row?.state !== "running" || row.runner !== runner.id) runner.send({ type: "cancel", job: id });
    }
  }

  #has({ id }: RunnerConnection, job: string): boolean {
    const row = this.#jobs.find(job);
    return row?.state === "running" && row.runner === id;
  }

  /** Whoever put it had the token of the job. */
  #hasDiff(job: string): boolean {
    const row = this.#jobs.find(job);
    return row?.diff === 1 && row.state !== "failed";
  }

  /** A runner that is back tells again what may not have arrived. */
  #isLost(job: string): boolean {
    return this.#jobs.find(job)?.state === "lost";
  }

  #log(id: string, { stream, text }: LogPiece): void {
    const interest = this.#interests.get(id);
    if (interest === undefined || interest.output > mostOutput) return;
    interest.logs.push({ stream, text });
    interest.output += text.length;
    interest.wake();
  }

  #finish(id: string): void {
    if (this.#jobs.find(id)?.diff) this.#jobs.setState(id, "done");
    else this.#jobs.fail(id, { reason: "internal", message: "the runner said it was done but put no diff" });
    this.#interests.get(id)?.wake();
  }

  #fail(id: string, failure: JobFailure): void {
    // Nobody cancelled it here, so the runner itself is about to end.
    if (failure.reason === "cancelled") this.#again(id);
    else this.#jobs.fail(id, failure);
    this.#interests.get(id)?.wake();
  }

  #lose(runner: RunnerConnection): void {
    for (const { id, diff } of this.#jobs.ofRunner(runner.id)) {
      if (diff) this.#finish(id);
      else this.#jobs.setState(id, "lost");
    }
    this.#wakeAll();
    setTimeout(() => this.#sweep(), graceMilliseconds + 10);
  }

  /** Queues a job that its runner did not finish, a few times. */
  #again(id: string): void {
    const attempts = this.#jobs.find(id)?.attempts ?? 0;
    if (attempts < mostAttempts) {
      this.#jobs.setState(id, "queued");
      return;
    }
    const message = `${attempts} runners vanished while they carried it out`;
    this.#jobs.fail(id, { reason: "internal", message });
  }

  /** Sees to jobs whose runner or owner is gone, or that take too long. */
  #sweep(): void {
    const now = Date.now();
    const connected = new Set(this.#connections().map(({ id }) => id));
    for (const row of this.#jobs.all()) {
      const { id, state, since, timeout } = row;
      const interest = this.#interests.get(id);
      if (now - (interest?.asked ?? since) > abandonedMilliseconds) {
        this.#release(id);
      } else if (state === "running" && !connected.has(row.runner ?? "")) {
        this.#jobs.setState(id, "lost");
        setTimeout(() => this.#sweep(), graceMilliseconds + 10);
      } else if (state === "running" && now - since > (timeout + overtimeSeconds) * 1000) {
        this.#stop(row);
        this.#jobs.fail(id, { reason: "timeout", message: `it ran for more than ${timeout} seconds` });
        interest?.wake();
      } else if (state === "lost" && now - since >= graceMilliseconds) {
        this.#again(id);
        interest?.wake();
      }
    }
    this.#dispatch();
  }

  #release(id: string): void {
    const row = this.#jobs.find(id);
    if (row !== undefined) this.#stop(row);
    if (row?.diff) this.ctx.waitUntil(this.env.BUCKET.delete(diffKey(id)));
    this.#jobs.remove(id);
    this.#interests.get(id)?.wake();
    this.#interests.delete(id);
  }

  #stop({ id, state, runner: has }: JobRow): void {
    if (state !== "running") return;
    this.#connections()
      .find((runner) => runner.id === has)
      ?.send({ type: "cancel", job: id });
  }

  #progress(id: string): JobProgress {
    const row = this.#jobs.find(id);
    const interest = this.#interests.get(id);
    if (row === undefined || interest === undefined) return { state: "unknown", capable: 0, logs: [] };
    const { state, platform, failure } = row;
    return {
      state: state === "lost" ? "running" : state,
      capable: this.#connections().filter((runner) => runner.canRun(platform)).length,
      logs: interest.logs,
      ...(failure !== null && { failure: JSON.parse(failure) as JobFailure }),
    };
  }

  #wakeAll(): void {
    for (const { wake } of this.#interests.values()) wake();
  }

  /** As long as there are jobs, there is an instance that looks after them. */
  async #watch(): Promise<void> {
    if (this.#jobs.all().length > 0) await this.ctx.storage.setAlarm(Date.now() + sweepMilliseconds);
  }
}

/** Undefined for anything but a message of a runner. */
function parse(message: string | ArrayBuffer): FromRunner | undefined {
  if (typeof message !== "string" || message.length > longestMessage) return undefined;
  try {
    return fromRunner.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

/** Every layer that a job names. */
function layersOf({ layers, mounts }: Job): string[] {
  const mounted = mounts.flatMap((mount) => ("from" in mount ? (mount.from?.layers ?? []) : []));
  return [...new Set([...layers, ...mounted].map(({ digest }) => digest))];
}
