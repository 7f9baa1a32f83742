import type { BuildInputs, BuildRecord } from "../../../schemas/build.ts";
import type { ClientRunner } from "../../../schemas/client-runner.ts";
import type { BuildEvent } from "../../../schemas/events.ts";
import type { CachePolicy } from "../../../schemas/options.ts";
import type { Problem } from "../../../schemas/problem.ts";
import type { PlatformPlan } from "../../engine/plan-build.ts";
import type { Pins } from "../../garbage/pins.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import { objectByName, type Placement } from "../placement.ts";
import type { SecretValues } from "./build-secrets.ts";

/** Settings of a build that do not affect its result. */
export interface StartOptions {
  /** The policy for storing intermediate results after the build. */
  cache?: CachePolicy;
  secrets?: SecretValues;
  /** Credentials for the registries of private images. */
  logins?: Logins;
  /** The caller of the build, and its origin: see `BuildRecord`. */
  sender?: Pick<BuildRecord, "caller" | "origin">;
  /** See `ImageResolverOptions`. */
  prefersOwn?: boolean;
  /** The runner that the client offers. */
  offer?: ClientRunner | undefined;
}

/** A build that was started or joined. */
export interface Started {
  record: BuildRecord;
  problem?: Problem;
  /** Token of the runner that the client offered. */
  runnerToken?: string;
}

/**
 * The object of one build, named by its id. It executes the build and stores its event log, so clients may disconnect and
 * return. When a crash or a deploy stops its instance, an alarm starts another one, which executes the build again and
 * reuses finished steps.
 */
export interface BuildService extends Rpc.DurableObjectBranded {
  /**
   * Starts the build, or joins it when it is running. Resolves once the sources in its contexts were found, or with the problem
   * that occurred before that.
   * @param build its inputs and plan; `platforms` is undefined when the plan is too large to send
   */
  start(
    build: { inputs: BuildInputs; platforms?: readonly PlatformPlan[] },
    id: string,
    host: string,
    options?: StartOptions,
  ): Promise<Started>;
  /** The record of a run, by default the last one. Undefined when the build or the run does not exist. */
  record(run?: number): Promise<BuildRecord | undefined>;
  /** The record of the run that started at a time, in milliseconds since 1970. */
  recordOf(started: number): Promise<BuildRecord | undefined>;
  /** The stored runs, newest first. */
  runs(): Promise<BuildRecord[]>;
  /** Digests and keys that the running build pins against garbage collection; empty when it does not run. */
  held(): Promise<Pins>;
  /** Deletes the runs that started up to a time, in milliseconds since 1970. False when one of them is running. */
  forget(started: number): Promise<boolean>;
  /** The event log so far of a run, by default of the last one. */
  log(run?: number): Promise<BuildEvent[]>;
  /** The events of a run after `seq`, as lines of JSON, until the run ends. */
  follow(seq: number, run?: number): Promise<ReadableStream<Uint8Array>>;
  /** Cancels the build and resolves once it has stopped. Does nothing when it is not running. */
  cancel(): Promise<BuildRecord | undefined>;
}

export function buildObject(env: { BUILDS: DurableObjectNamespace<BuildService> } & Placement, id: string) {
  return objectByName(env.BUILDS, id, env);
}
