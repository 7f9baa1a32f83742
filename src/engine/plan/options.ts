import type { Entitlement } from "../../../schemas/options.ts";
import type { Ulimit } from "../../../schemas/run-options.ts";
import type { ExtraHost } from "../../../schemas/run-settings.ts";
import type { ImageConfig } from "../../oci/config.ts";
import type { Platform } from "../../oci/platform.ts";
import type { GitSource, HttpSource } from "./step.ts";

/** What a build says of all its RUN steps. */
export interface RunSettings {
  /** Of those that do not choose. */
  readonly network: "default" | "none" | "host";
  readonly hosts: readonly ExtraHost[];
  readonly ulimits: readonly Ulimit[];
  /** Bytes of `/dev/shm`. */
  readonly shmSize?: number | undefined;
}

/** What a build asks for, besides its Dockerfile. */
export interface PlanOptions {
  /** Name of the stage to build; the last one when absent. */
  readonly target?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** Labels that override those of the Dockerfile. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Platform to build for. Without one the image keeps that of its base. */
  readonly platform?: Platform | undefined;
  /** Platform that builds; linux/amd64 when absent. */
  readonly buildPlatform?: Platform | undefined;
  /** The build is one of several for different platforms: names of steps say which. */
  readonly isMultiPlatform?: boolean | undefined;
  /** Seconds since 1970; the build argument SOURCE_DATE_EPOCH goes before it. */
  readonly sourceDateEpoch?: number | undefined;
  /** Rights that RUN may ask for. */
  readonly allow?: readonly Entitlement[] | undefined;
  /** What the build says of all its RUN steps. */
  readonly run?: RunSettings | undefined;
  /** `--build-context`: see {@link NamedContexts}. */
  readonly namedContexts?: Readonly<Record<string, string>> | undefined;
  /** Patterns of the ignore file that applies to the context. */
  readonly ignore?: readonly string[] | undefined;
  /** Looks at every stage, needed or not. */
  readonly allStages?: boolean | undefined;
}

/** An image as a registry knows it. */
export interface ResolvedImage {
  /** Of the manifest for the platform that was asked for. */
  readonly digest: string;
  readonly platform: Platform;
  readonly config: ImageConfig;
}

/** What planning has to ask of others. */
export interface World {
  /**
   * The image of a full reference that fits a platform. Asked once for each image and platform that the target needs.
   *
   * Undefined when it may be there and nobody shall ask: the plan then has an image without a digest.
   *
   * Errors: whatever tells why there is none; its message is shown.
   */
  resolveImage(reference: string, platform: Platform): Promise<ResolvedImage | undefined>;
  /** When a remote source was last changed, in seconds since 1970, if it says; for SOURCE_DATE_EPOCH. */
  modifiedAt?(source: HttpSource | GitSource): Promise<number | undefined>;
}
