import { DurableObject } from "cloudflare:workers";
import type { ClientRunner, Job, JobFailure, RunnerInfo } from "../../schemas/runner.ts";
import { sha256 } from "../streams/sha256.ts";
import { configuredOf } from "./access/configured.ts";
import { accessObject } from "./access-object.ts";
import { type BuildRunner, BuildRunners } from "./build-runners.ts";
import { Containers } from "./containers.ts";
import type { Env } from "./environment.ts";
import { JobInterests } from "./job-interests.ts";
import type { JobProgress, JobRights, KnownProgress } from "./job-progress.ts";
import { JobQueue } from "./job-queue.ts";
import { graceMilliseconds, sweepJobs } from "./job-sweep.ts";
import { diffKey, type JobOwner, JobTable } from "./job-table.ts";
import { RunnerConnection } from "./runner-connection.ts";
import { parseMessage, RunnerSockets } from "./runner-sockets.ts";
import { expectedMilliseconds, type Service } from "./runner-trust.ts";

const sweepMilliseconds = 20_000;

/** The header in which the Worker tells this object for whom a runner works. */
export const serviceHeader = "varve-runner-service";

/** All runners and the jobs they have. */
export class Runners extends DurableObject<Env> {
  readonly #table: JobTable;
  readonly #builds: BuildRunners;
  readonly #interests = new JobInterests();
  readonly #sockets: RunnerSockets;
  readonly #queue: JobQueue;
  readonly #containers: Containers;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#table = new JobTable(ctx.storage.sql);
    this.#sockets = new RunnerSockets(ctx);
    this.#builds = new BuildRunners(ctx.storage.sql);
    this.#queue = new JobQueue({
      table: this.#table,
      interests: this.#interests,
      sockets: this.#sockets,
      builds: this.#builds,
    });
    this.#containers = new Containers(env);
    this.#sweep();
  }

  /** A runner dials in. Who may has been judged. */
  override async fetch(request: Request): Promise<Response> {
    const answer = this.#sockets.accept(JSON.parse(request.headers.get(serviceHeader) ?? "") as Service);
    await this.#watch();
    return answer;
  }

  /** Sends away those whose tokens are good no more. */
  async review(): Promise<void> {
    const shown = this.#sockets.all().flatMap((runner) => {
      const { service } = runner;
      return service.kind === "pool" && service.standing ? { runner, standing: service.standing } : [];
    });
    if (shown.length === 0) return;
    const standings = shown.map(({ standing }) => standing);
    const reasons = await accessObject(this.env).whyOver(standings, configuredOf(this.env));
    for (const [index, { runner }] of shown.entries()) {
      const reason = reasons[index];
      if (reason === undefined) continue;
      runner.sendAway(reason);
      this.#queue.takeAway(runner);
    }
    this.#queue.dispatch();
  }

  /** Connected runners that have said what they can, those of clients left out. */
  async list(): Promise<RunnerInfo[]> {
    return this.#sockets
      .connected()
      .flatMap(({ id, hello, service }) =>
        hello === undefined || service.kind === "build"
          ? []
          : { ...hello, jobs: this.#table.ofRunner(id).length },
      );
  }

  /** A container of this server will show a token, and no other one; told is its SHA-256. */
  async admit(container: string, token: string): Promise<void> {
    this.ctx.storage.kv.put(`container/${container}`, token);
  }

  async isAdmitted(token: string): Promise<boolean> {
    return [...this.ctx.storage.kv.list<string>({ prefix: "container/" })].some(
      ([, known]) => known === token,
    );
  }

  /** A client offers a runner for its build, which will show this token. */
  async expect(build: string, token: string, offer: ClientRunner): Promise<void> {
    this.#builds.add(build, sha256(token), offer);
  }

  /** What was offered with this token; undefined when there is no such build, or it has ended. */
  async offered(token: string): Promise<BuildRunner | undefined> {
    return this.#builds.find(sha256(token));
  }

  /** A build has ended, and with it what its clients' runners may. */
  async dismiss(build: string): Promise<void> {
    this.#builds.removeAll(build);
    for (const runner of this.#sockets.connected()) {
      if (runner.service.kind === "build" && runner.service.build === build) {
        runner.dismiss("the build has ended");
      }
    }
  }

  /** Queues a job, or gives its description again when it was lost. */
  async offer(job: Job, owner: JobOwner): Promise<void> {
    this.#queue.offer(job, owner);
    const row = this.#table.find(job.id);
    if (row !== undefined && this.#queue.isAwaited(row)) {
      setTimeout(() => this.#lookAgain(job.id), expectedMilliseconds + 10);
    }
    this.#callContainers();
    await this.#watch();
  }

  /** How far a job has come, as soon as that is not what is known, and at the latest after some milliseconds. */
  async follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress> {
    this.#sweep();
    const { state, capable, isAwaited } = this.#progress(id);
    const isKnown = state === known?.state && capable === known.capable && isAwaited === known.isAwaited;
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

  /** What whoever has this token may ask for; undefined when it is not the token of this job. */
  async rightsFor(id: string, token: string): Promise<JobRights | undefined> {
    const row = this.#table.find(id);
    if (row?.token !== sha256(token) || row.state === "done" || row.state === "failed") return undefined;
    return { layers: JSON.parse(row.layers) as string[], caches: JSON.parse(row.caches) as string[] };
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
        this.#note(runner, "here");
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
    // The runner waits for the answer before it ends (RFC 6455, section 7.1.1).
    socket.close(1000);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#lose(socket);
  }

  override async alarm(): Promise<void> {
    this.#sweep();
    await this.review();
    await this.#watch();
  }

  #lose(socket: WebSocket): void {
    const runner = new RunnerConnection(socket);
    this.#note(runner, "gone");
    this.#queue.lose(runner);
    this.#sweepSoon();
  }

  #note({ service }: RunnerConnection, presence: "here" | "gone"): void {
    if (service.kind === "build") this.#builds.setPresence(service.token, presence);
  }

  /** A job has waited long enough for the runner of its client. */
  #lookAgain(id: string): void {
    this.#queue.dispatch();
    this.#interests.wake(id);
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
    this.#callContainers();
  }

  /** What waits although everybody who is there was asked. */
  #callContainers(): void {
    const waiting = this.#table.inState("queued").filter((job) => !this.#queue.isAwaited(job));
    if (waiting.length === 0) return;
    const running = this.#table.inState("running").length;
    this.ctx.waitUntil(this.#containers.serve(waiting, running));
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
    if (row === undefined || this.#interests.job(id) === undefined) {
      return { state: "unknown", capable: 0, isAwaited: false, isConfined: true };
    }
    const { state, failure } = row;
    return {
      state: state === "lost" ? "running" : state,
      capable: this.#queue.capable(row).length,
      isAwaited: state === "queued" && this.#queue.isAwaited(row),
      isConfined: row.confined === 1,
      ...(failure !== null && { failure: JSON.parse(failure) as JobFailure }),
    };
  }

  /** As long as there are jobs, there is an instance that looks after them, and one when the token of a runner ends. */
  async #watch(): Promise<void> {
    const expires = this.#sockets
      .all()
      .flatMap(({ service }) => (service.kind === "pool" ? (service.standing?.expires ?? []) : []));
    const hasJobs = this.#table.all().length > 0;
    const moments = [
      ...(hasJobs ? [Date.now() + sweepMilliseconds] : []),
      ...expires.map((seconds) => Math.max(seconds * 1000, Date.now() + 1_000)),
    ];
    if (moments.length > 0) await this.ctx.storage.setAlarm(Math.min(...moments));
  }
}
