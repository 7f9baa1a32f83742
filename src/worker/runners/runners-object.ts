import { DurableObject } from "cloudflare:workers";
import type { ClientRunner } from "../../../schemas/client-runner.ts";
import type { Job } from "../../../schemas/runner.ts";
import type { RunnerInfo } from "../../../schemas/runner-list.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { JobFollower } from "../jobs/job-follower.ts";
import { JobInterests } from "../jobs/job-interests.ts";
import { type JobProgress, type JobRights, type KnownProgress, rightsOfRow } from "../jobs/job-progress.ts";
import { GRACE_MS, JobQueue } from "../jobs/job-queue.ts";
import { sweepJobs } from "../jobs/job-sweep.ts";
import { type Holder, type JobOwner, JobTable, jobHasEnded, type UploadedLayer } from "../jobs/job-table.ts";
import { type BuildRunner, BuildRunners, EXPECTED_MS } from "./build-runners.ts";
import { Containers } from "./containers.ts";
import { loadIn, runnersIn } from "./pool-report.ts";
import { PortExchanges, type PortRequest, portHeader } from "./port-exchanges.ts";
import { reviewRunners } from "./review-runners.ts";
import { RunnerConnection } from "./runner-connection.ts";
import { RunnerInbox } from "./runner-inbox.ts";
import { parseMessage, RunnerSockets } from "./runner-sockets.ts";
import { mayServe, type Service } from "./runner-trust.ts";
import {
  type ContainerTokens,
  type Load,
  type RunnersService,
  serviceHeader,
  terminalHeader,
} from "./runners-service.ts";
import { type FoundSnapshots, SnapshotSearches } from "./snapshot-searches.ts";
import { SweepAlarm } from "./sweep-alarm.ts";
import { type ContainerRefusal, Terminals } from "./terminals.ts";

export class Runners extends DurableObject<Env> implements RunnersService {
  readonly #table: JobTable;
  readonly #builds: BuildRunners;
  readonly #interests = new JobInterests();
  readonly #sockets: RunnerSockets;
  readonly #queue: JobQueue;
  readonly #containers: Containers;
  readonly #follower: JobFollower;
  readonly #searches = new SnapshotSearches();
  readonly #terminals: Terminals;
  readonly #ports: PortExchanges;
  readonly #inbox: RunnerInbox;
  /** Timer of the next dispatch. */
  #nextDispatch: ReturnType<typeof setTimeout> | undefined;
  readonly #alarm: SweepAlarm;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#table = new JobTable(ctx.storage.sql);
    this.#sockets = new RunnerSockets(ctx);
    this.#alarm = new SweepAlarm(ctx.storage);
    this.#builds = new BuildRunners(ctx.storage.sql);
    this.#queue = new JobQueue({
      table: this.#table,
      interests: this.#interests,
      sockets: this.#sockets,
      builds: this.#builds,
      isOpen: (id) => this.#terminals.isOpen(id),
    });
    this.#containers = new Containers(env);
    const jobs = { table: this.#table, interests: this.#interests, queue: this.#queue };
    this.#follower = new JobFollower({ ...jobs, containers: this.#containers, sweep: () => this.#sweep() });
    this.#ports = new PortExchanges({ ...jobs, ctx, runners: this.#sockets });
    this.#terminals = new Terminals({
      ...jobs,
      ctx,
      runners: this.#sockets,
      forgotten: (id) => this.#ports.forget(id),
    });
    this.#inbox = new RunnerInbox({
      ...jobs,
      builds: this.#builds,
      searches: this.#searches,
      terminals: this.#terminals,
      ports: this.#ports,
    });
    this.#sweep();
  }

  /** Connects an authorised runner, opens the terminal of a container or sends a request to its port. */
  override async fetch(request: Request): Promise<Response> {
    const terminal = request.headers.get(terminalHeader);
    if (terminal !== null && !request.headers.has(serviceHeader)) {
      const { id, token } = JSON.parse(terminal) as { id: string; token: string };
      const opened = this.#terminals.open(id, token);
      this.#dispatch();
      return opened ?? new Response(null, { status: 401 });
    }
    const port = request.headers.get(portHeader);
    if (port !== null && !request.headers.has(serviceHeader))
      return this.#ports.fetch(request, JSON.parse(port) as PortRequest);
    const response = this.#sockets.accept(JSON.parse(request.headers.get(serviceHeader) ?? "") as Service);
    await this.#alarm.schedule(this.#table, this.#sockets);
    return response;
  }

  async review(): Promise<void> {
    await reviewRunners(this.env, this.#sockets, this.#queue);
    this.#dispatch();
  }

  async list(): Promise<RunnerInfo[]> {
    return runnersIn(this.#sockets, this.#table);
  }

  async load(): Promise<Load> {
    return loadIn(this.#sockets, this.#table);
  }

  async admit(container: string, token: string): Promise<void> {
    this.ctx.storage.kv.put(`container/${container}`, token);
  }

  async isAdmitted(token: string): Promise<boolean> {
    return [...this.ctx.storage.kv.list<string>({ prefix: "container/" })].some(
      ([, known]) => known === token,
    );
  }

  async expect(build: string, token: string, offer: ClientRunner): Promise<void> {
    this.#builds.add(build, sha256(token), offer);
  }

  async offered(token: string): Promise<BuildRunner | undefined> {
    return this.#builds.find(sha256(token));
  }

  async dismiss(build: string, ended: number): Promise<void> {
    const tokens = new Set(this.#builds.remove(build, ended));
    for (const runner of this.#sockets.connected()) {
      runner.send({ type: "release", build });
      if (runner.service.kind === "build" && tokens.has(runner.service.token)) {
        runner.dismiss();
      }
    }
  }

  async offer(job: Job, owner: JobOwner, holder?: Holder): Promise<void> {
    this.#queue.offer(job, owner, holder);
    this.#dispatch();
    const row = this.#table.find(job.id);
    if (row !== undefined && this.#queue.isAwaited(row)) {
      // After this time, the job no longer waits for its client's runner.
      const look = () => {
        this.#dispatch();
        this.#interests.wake(job.id);
      };
      setTimeout(look, EXPECTED_MS + 10);
    }
    this.#callContainers();
    await this.#alarm.schedule(this.#table, this.#sockets);
  }

  async startContainer(
    job: Job,
    owner: JobOwner,
    client: string,
    tokens: ContainerTokens,
  ): Promise<ContainerRefusal | undefined> {
    const refusal = this.#terminals.offer(job, owner, client, tokens.terminal);
    if (refusal !== undefined) return refusal;
    this.#ports.offer(job.id, tokens.ports);
    await this.#alarm.schedule(this.#table, this.#sockets);
    return undefined;
  }

  async follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress> {
    return this.#follower.follow(id, known, milliseconds);
  }

  async release(id: string): Promise<void> {
    this.#release(id);
    this.#dispatch();
  }

  async releaseAll(prefix: string): Promise<void> {
    for (const { id } of this.#table.all()) if (id.startsWith(prefix)) this.#release(id);
    this.#dispatch();
  }

  async rightsFor(id: string, token: string): Promise<JobRights | undefined> {
    const row = this.#table.find(id);
    return row?.token === sha256(token) ? rightsOfRow(row) : undefined;
  }

  async keepLayer(id: string, layer: UploadedLayer): Promise<void> {
    this.#table.setLayer(id, layer);
  }

  async find(
    names: string[],
    owner: JobOwner,
    milliseconds: number,
    isResumed: boolean,
  ): Promise<FoundSnapshots> {
    if (isResumed && this.#sockets.connected().length === 0) await this.#searches.runnerConnected(GRACE_MS);
    if (this.#builds.isExpected(owner.build)) await this.#searches.runnerConnected(milliseconds);
    if (this.#builds.isExpected(owner.build)) return { isAwaited: true };
    const runners = this.#sockets.connected().filter(({ service }) => mayServe(service, owner));
    return { found: await this.#searches.find(names, runners) };
  }

  async keep(instance: string, snapshot: string, names: string[]): Promise<void> {
    for (const runner of this.#sockets.connected()) {
      if (runner.instance === instance) runner.send({ type: "keep", snapshot, names });
    }
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    if (this.#terminals.jobOf(socket) !== undefined) return this.#terminals.receive(socket, message);
    const parsed = parseMessage(message);
    if (parsed === undefined) {
      socket.close(1008, "invalid message of a runner");
      return;
    }
    if (this.#inbox.receive(new RunnerConnection(socket), parsed)) this.#dispatch();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.#lose(socket);
    // The runner waits for this close frame before it exits (RFC 6455, section 7.1.1).
    socket.close(1000);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#lose(socket);
  }

  override async alarm(): Promise<void> {
    this.#alarm.triggered();
    this.#table.removeNow();
    this.#sweep();
    await this.review();
    await this.#alarm.schedule(this.#table, this.#sockets);
  }

  #lose(socket: WebSocket): void {
    const terminal = this.#terminals.jobOf(socket);
    if (terminal !== undefined) {
      this.#release(terminal);
      this.#dispatch();
      return;
    }
    this.#inbox.disconnected(new RunnerConnection(socket));
    this.#sweepSoon();
  }

  /** Assigns waiting jobs, and schedules the next attempt for jobs that wait for the holder of their snapshots. */
  #dispatch(): void {
    this.#queue.dispatch();
    this.#terminals.update();
    const moment = this.#queue.nextDispatch();
    clearTimeout(this.#nextDispatch);
    if (moment === undefined) return;
    this.#nextDispatch = setTimeout(() => this.#dispatch(), moment - Date.now() + 10);
  }

  #sweep(): void {
    sweepJobs({
      table: this.#table,
      interests: this.#interests,
      sockets: this.#sockets,
      queue: this.#queue,
      isOpen: (id) => this.#terminals.isOpen(id),
      release: (id) => this.#release(id),
      lost: () => this.#sweepSoon(),
    });
    this.#dispatch();
    this.#callContainers();
  }

  /** Starts containers for jobs that no connected runner accepted. */
  #callContainers(): void {
    const waiting = this.#table.inState("queued").filter((job) => !this.#queue.isAwaited(job));
    if (waiting.length === 0) return;
    const running = this.#table.inState("running").length;
    this.ctx.waitUntil(this.#containers.serve(waiting, running));
  }

  /** Sweeps after the grace period in which a runner may reconnect. */
  #sweepSoon(): void {
    setTimeout(() => this.#sweep(), GRACE_MS + 10);
  }

  #release(id: string): void {
    const row = this.#table.find(id);
    if (row !== undefined && row.kind !== "container" && jobHasEnded(row)) {
      this.#table.removeLater(id);
      this.#interests.forget(id);
      return;
    }
    if (row !== undefined) this.#queue.stop(row);
    this.#terminals.forget(id);
  }
}
