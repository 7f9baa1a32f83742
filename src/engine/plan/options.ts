import type { Entitlement } from "../../../schemas/options.ts";
import type { Ulimit } from "../../../schemas/run-options.ts";
import type { ExtraHost } from "../../../schemas/run-settings.ts";
import type { ImageConfig } from "../../oci/config.ts";
import type { Platform } from "../../oci/platform.ts";
import type { GitSource, HttpSource } from "./step.ts";

/** Settings for all RUN steps of a build. */
export interface RunSettings {
  /** The network of RUN instructions without `--network`. */
  readonly network: "default" | "none" | "host";
  readonly hosts: readonly ExtraHost[];
  readonly ulimits: readonly Ulimit[];
  /** Size of `/dev/shm` in bytes. */
  readonly shmSize?: number | undefined;
}

/** The options of a build plan. */
export interface PlanOptions {
  /** Name of the stage to build; by default the last one. */
  readonly target?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** Labels that override those of the Dockerfile. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Platform to build for; by default that of the base. */
  readonly platform?: Platform | undefined;
  /** Platform that builds; by default linux/amd64. */
  readonly buildPlatform?: Platform | undefined;
  /** Whether the build has several platforms: step names then include the platform. */
  readonly isMultiPlatform?: boolean | undefined;
  /** Seconds since 1970; the build argument SOURCE_DATE_EPOCH overrides it. */
  readonly sourceDateEpoch?: number | undefined;
  /** Entitlements that RUN may use. */
  readonly allow?: readonly Entitlement[] | undefined;
  /** Settings for all RUN steps. */
  readonly run?: RunSettings | undefined;
  /** `--build-context`: see {@link NamedContexts}. */
  readonly namedContexts?: Readonly<Record<string, string>> | undefined;
  /** Patterns of the ignore file that applies to the context. */
  readonly ignore?: readonly string[] | undefined;
  /** Evaluate every stage, not only those that the target needs. */
  readonly allStages?: boolean | undefined;
}

/** An image resolved by a registry. */
export interface PlanImage {
  /** Digest of the manifest for the requested platform. */
  readonly digest: string;
  readonly platform: Platform;
  readonly config: ImageConfig;
}

/** The lookups that planning needs. */
export interface PlanLookups {
  /**
   * Resolves a full reference for a platform. Called once for each image and platform that the target needs.
   * @returns undefined to plan without the image: it then has no digest
   * @throws the reason when there is no such image; users see its message
   */
  resolveImage(reference: string, platform: Platform): Promise<PlanImage | undefined>;
  /** For the hint on an unresolvable reference: the name of this server's image that it may mean. */
  findOwnName?(reference: string, platform: Platform): Promise<string | undefined>;
  /** The modification time of a remote source in seconds since 1970, if known; for SOURCE_DATE_EPOCH. */
  modifiedAt?(source: HttpSource | GitSource): Promise<number | undefined>;
}
