import type { ClientRunner } from "../../../schemas/client-runner.ts";
import { defaultPool } from "../../../schemas/pools.ts";
import type { Job } from "../../../schemas/runner.ts";
import type { RunnerInfo } from "../../../schemas/runner-list.ts";
import type { JobProgress, JobRights, KnownProgress } from "../jobs/job-progress.ts";
import type { Holder, JobOwner, UploadedLayer } from "../jobs/job-table.ts";
import { objectByName, type Placement } from "../placement.ts";
import type { BuildRunner } from "./build-runners.ts";
import { type Pool, type PoolVariables, poolsOf } from "./pools.ts";
import type { FoundSnapshots } from "./snapshot-searches.ts";
import type { ContainerRefusal } from "./terminals.ts";

/** Header of a request to the object: the `Service` of the connecting runner, as JSON. */
export const serviceHeader = "varve-runner-service";
/** Header of a request to the object: the terminal to open and its token, as JSON. */
export const terminalHeader = "varve-terminal";

export interface ContainerTokens {
  terminal: string;
  ports: string;
}

/** Load of the runners. */
export interface Load {
  /** Connected runners of the pool, and their total capacity in concurrent processes. */
  runners: number;
  capacity: number;
  /** Jobs that wait for a runner, and running jobs. */
  queued: number;
  running: number;
}

/** The object of the runners of a pool and of their jobs. */
export interface RunnersService extends Rpc.DurableObjectBranded {
  /** Connects an authorised runner, opens the terminal of a container or sends a request to its port. */
  fetch(request: Request): Promise<Response>;
  /** Disconnects runners whose tokens are no longer valid. */
  review(): Promise<void>;
  /** Connected runners that have sent their capabilities, except those of clients. */
  list(): Promise<RunnerInfo[]>;
  load(): Promise<Load>;
  /** Sets the only valid token of one of this server's containers. @param token its SHA-256 */
  admit(container: string, token: string): Promise<void>;
  isAdmitted(token: string): Promise<boolean>;
  /** Registers a runner that a client offers for its build, and its token. */
  expect(build: string, token: string, offer: ClientRunner): Promise<void>;
  /** The offered runner with this token; undefined when its build does not exist or has ended. */
  offered(token: string): Promise<BuildRunner | undefined>;
  /**
   * Releases the snapshots of a finished build, and disconnects the runners that its clients offered before it ended.
   * @param ended end of the build, in milliseconds since 1970
   */
  dismiss(build: string, ended: number): Promise<void>;
  /**
   * Queues a job, or stores its description again after the object lost it.
   * @param holder the runner that holds the job's snapshots
   */
  offer(job: Job, owner: JobOwner, holder?: Holder): Promise<void>;
  /**
   * Queues the job of a container.
   * @param client identifies the client, for its limit
   * @param tokens a single-use token for the terminal, and one for the ports
   */
  startContainer(
    job: Job,
    owner: JobOwner,
    client: string,
    tokens: ContainerTokens,
  ): Promise<ContainerRefusal | undefined>;
  /** Long poll: returns the progress of a job once it differs from `known`, or after some milliseconds. */
  follow(id: string, known: KnownProgress | undefined, milliseconds: number): Promise<JobProgress>;
  /** Removes a job that no caller waits for, and stops it on its runner. */
  release(id: string): Promise<void>;
  /** Like `release`, for all jobs whose ids begin with the prefix. */
  releaseAll(prefix: string): Promise<void>;
  /** The objects that the runner of a job may read and write; undefined when no running job has the token. */
  rightsFor(id: string, token: string): Promise<JobRights | undefined>;
  /** Records a layer that a job has uploaded. Its result may refer to recorded layers only. */
  keepLayer(id: string, layer: UploadedLayer): Promise<void>;
  /**
   * Snapshots that connected runners hold under names, if the build may use them. When the client's runner is
   * expected, waits up to some milliseconds for it.
   * @param isResumed whether runners may be about to reconnect
   */
  find(names: string[], owner: JobOwner, milliseconds: number, isResumed: boolean): Promise<FoundSnapshots>;
  /** Makes a runner keep a snapshot under names. */
  keep(instance: string, snapshot: string, names: string[]): Promise<void>;
}

type RunnersNamespace = { RUNNERS: DurableObjectNamespace<RunnersService> } & Placement & PoolVariables;

export function runnersOf(env: RunnersNamespace, { name, location }: Pool) {
  // The object of the default pool has the name that it had before there were others.
  return objectByName(env.RUNNERS, name === defaultPool ? "runners" : `pool/${name}`, env, location);
}

/** Calls the objects of all pools. @returns each pool with the result */
export async function ofAllPools<T>(
  env: RunnersNamespace,
  call: (runners: ReturnType<typeof runnersOf>) => Promise<T>,
): Promise<[pool: Pool, result: T][]> {
  const pools = [...poolsOf(env).values()];
  return Promise.all(pools.map(async (pool) => [pool, await call(runnersOf(env, pool))] as [Pool, T]));
}
