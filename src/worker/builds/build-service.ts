import type { BuildInputs, BuildRecord } from "../../../schemas/build.ts";
import type { BuildEvent } from "../../../schemas/events.ts";
import type { CachePolicy } from "../../../schemas/options.ts";
import type { Problem } from "../../../schemas/problem.ts";
import type { ClientRunner } from "../../../schemas/runner.ts";
import type { PlatformPlan } from "../../engine/plan-build.ts";
import type { Held } from "../../garbage/held.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import type { SecretValues } from "./build-secrets.ts";

/** Settings of a build that do not decide its result. */
export interface StartOptions {
  /** Which intermediate results are stored after it. */
  cache?: CachePolicy;
  secrets?: SecretValues;
  /** Credentials for the registries of private images. */
  logins?: Logins;
  /** The caller of the build, and its origin: see `BuildRecord`. */
  sender?: Pick<BuildRecord, "caller" | "origin">;
  /** See `ImageResolverOptions`. */
  prefersOwn?: boolean;
  /** A runner of the client. */
  offer?: ClientRunner | undefined;
}

/** A build that was started or joined. */
export interface Started {
  record: BuildRecord;
  problem?: Problem;
  /** For the runner that the client offered. */
  runnerToken?: string;
}

/**
 * The object of one build, named by its id. It executes the build and stores its event log, so clients may disconnect and
 * return. When a crash or a deploy ends its instance, an alarm starts another one, which executes the build again;
 * finished steps are found.
 */
export interface BuildService extends Rpc.DurableObjectBranded {
  /**
   * Starts the build, or joins it when it is running. Resolves when its sources were found in the contexts, or with the
   * problem that occurred before that.
   * @param build its plan, unless that is too large to be sent
   */
  start(
    build: { inputs: BuildInputs; platforms?: readonly PlatformPlan[] },
    id: string,
    host: string,
    options?: StartOptions,
  ): Promise<Started>;
  /** The record of a run, by default the last one. Undefined when there is no build of this id, or no such run. */
  record(run?: number): Promise<BuildRecord | undefined>;
  /** The record of the run that started at a moment, in milliseconds since 1970. */
  recordOf(started: number): Promise<BuildRecord | undefined>;
  /** The stored runs, newest first. */
  runs(): Promise<BuildRecord[]>;
  /** What must not be removed because the build needs it; nothing when it does not run. */
  held(): Promise<Held>;
  /** Deletes the runs that started until a moment, in milliseconds since 1970. False when one of them is running. */
  forget(started: number): Promise<boolean>;
  /** The event log of a run so far, by default of the last one. */
  log(run?: number): Promise<BuildEvent[]>;
  /** The event log of a run from after `seq`, as lines of JSON, until the run ends. */
  follow(seq: number, run?: number): Promise<ReadableStream<Uint8Array>>;
  /** Stops the build. Resolves when it has stopped; does nothing when it had ended. */
  cancel(): Promise<BuildRecord | undefined>;
}
