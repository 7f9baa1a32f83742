import type { ClientRunner, Job, RunnerInfo } from "../../../schemas/runner.ts";
import type { JobProgress, JobRights, KnownProgress } from "../jobs/job-progress.ts";
import type { Holder, JobOwner, UploadedLayer } from "../jobs/job-table.ts";
import type { BuildRunner } from "./build-runners.ts";
import type { FoundSnapshots } from "./snapshot-searches.ts";
import type { ContainerRefusal } from "./terminals.ts";

/** Header of a request to the object: the service of the runner that connects, as JSON. */
export const serviceHeader = "varve-runner-service";
/** Header of a request to the object: the terminal that a client opens, and its token, as JSON. */
export const terminalHeader = "varve-terminal";

/** Tokens of a container. */
export interface ContainerTokens {
  terminal: string;
  ports: string;
}

/** What runners have to do. */
export interface Load {
  /** Connected runners of the pool, and the processes that they execute at a time. */
  runners: number;
  capacity: number;
  /** Jobs that wait for a runner, and jobs that runners execute. */
  queued: number;
  running: number;
}

/** The object of all runners and their jobs. */
export interface RunnersService extends Rpc.DurableObjectBranded {
  /** Connects a runner that the Worker has accepted, opens the terminal of a container or sends a request to its port. */
  fetch(request: Request): Promise<Response>;
  /** Disconnects runners whose tokens are not valid any more. */
  review(): Promise<void>;
  /** Connected runners that have sent their properties, except those of clients. */
  list(): Promise<RunnerInfo[]>;
  load(): Promise<Load>;
  /** Accepts one token of a container of this server, and no other one. @param token its SHA-256 */
  admit(container: string, token: string): Promise<void>;
  isAdmitted(token: string): Promise<boolean>;
  /** A client offers a runner for its build, which will show this token. */
  expect(build: string, token: string, offer: ClientRunner): Promise<void>;
  /** What was offered with this token; undefined when there is no such build, or it has ended. */
  offered(token: string): Promise<BuildRunner | undefined>;
  /**
   * A build has ended: runners may remove its snapshots, and those that its clients offered until then disconnect.
   * @param ended in milliseconds since 1970
   */
  dismiss(build: string, ended: number): Promise<void>;
  /**
   * Queues a job, or stores its description again when it was lost.
   * @param holder the runner whose snapshots the job names
   */
  offer(job: Job, owner: JobOwner, holder?: Holder): Promise<void>;
  /**
   * Queues the job of a container.
   * @param client identifies the client, for counting
   * @param tokens for its terminal, once, and for its ports
   */
  startContainer(
    job: Job,
    owner: JobOwner,
    client: string,
    tokens: ContainerTokens,
  ): Promise<ContainerRefusal | undefined>;
  /** The progress of a job, when it differs from what the caller knows, and at the latest after some milliseconds. */
  follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress>;
  /** Removes a job that no caller waits for; a runner that executes it stops. */
  release(id: string): Promise<void>;
  /** As `release`, for all jobs whose ids begin with the prefix. */
  releaseAll(prefix: string): Promise<void>;
  /** What the runner of a job may read and write; undefined when this is not the token of a job that runs. */
  rightsFor(id: string, token: string): Promise<JobRights | undefined>;
  /** Stores which layer a job has uploaded: its result names no other. */
  keepLayer(id: string, layer: UploadedLayer): Promise<void>;
  /**
   * Snapshots that connected runners keep under names, as far as a build may use them. When the runner of its client is
   * expected, waits for it for some milliseconds.
   * @param isResumed runners may be about to reconnect
   */
  find(names: string[], owner: JobOwner, milliseconds: number, isResumed: boolean): Promise<FoundSnapshots>;
  /** Makes a runner keep a snapshot under names. */
  keep(instance: string, snapshot: string, names: string[]): Promise<void>;
}

export function runnersOf({ RUNNERS }: { RUNNERS: DurableObjectNamespace<RunnersService> }) {
  return RUNNERS.getByName("runners");
}
