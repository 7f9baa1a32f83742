import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import type { ContainerConfig, ImageConfig } from "../../oci/config.ts";
import type { HistoryEntry } from "../../oci/history.ts";
import type { Platform } from "../../oci/platform.ts";
import type { FileState, Step } from "./step.ts";

/** An image that a build reads: a base, or a source of COPY --from or RUN --mount. */
export interface PlannedImage {
  /** In full, without the digest: `docker.io/library/alpine:3.20`. */
  readonly reference: string;
  /** Platform that it was asked for. */
  readonly platform: Platform;
  /** Of its manifest for that platform; empty when nobody knows it: see `World.resolveImage`. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** As progress shows it: `[build 1/4] FROM docker.io/library/alpine:3.20@sha256:…`. */
  readonly name: string;
  /** Where it is first named. */
  readonly lines: LineRange;
}

/** A stage that the target needs. */
export interface PlannedStage {
  /** Position among the FROM instructions. */
  readonly index: number;
  /** Its name, or `stage-<index>`; empty for the only stage of a Dockerfile. */
  readonly name: string;
  readonly platform: Platform;
  /** Its FROM. */
  readonly lines: LineRange;
  readonly base: FileState;
  /** Its files in the end. */
  readonly result: FileState;
}

/** What a stage reads: another stage, or an image. */
export interface PlannedEdge {
  readonly kind: "from" | "copy" | "mount";
  /** Position of a stage in `BuildPlan.graph`, or of an image in `BuildPlan.images`. */
  readonly from: { readonly stage: number } | { readonly image: number };
  /** Position of the stage that reads. */
  readonly to: number;
  readonly lines: LineRange;
}

/** A stage of the Dockerfile, needed or not. */
export interface GraphStage {
  readonly name: string;
  /** What FROM names, after expansion. */
  readonly from: string;
  /** Of its FROM. */
  readonly lines: LineRange;
  /** Last line of its last instruction. */
  readonly endLine: number;
  /** The target depends on it, or is it. */
  readonly needed: boolean;
  readonly target: boolean;
}

/** All stages and what they read. */
export interface PlannedGraph {
  /** In the order of the Dockerfile. */
  readonly stages: readonly GraphStage[];
  readonly edges: readonly PlannedEdge[];
}

/** What the config of the image will contain, except for its layers. */
export interface PlannedConfig {
  readonly platform: Platform;
  readonly author: string;
  readonly config: ContainerConfig;
  /** Oldest first; entries without `created` are those of this build. */
  readonly history: readonly HistoryEntry[];
}

/** The image that a plan produces. */
export interface PlannedResult {
  readonly files: FileState;
  readonly image: PlannedConfig;
}

/** The steps that build an image for one platform, and its config. Plain data, which can be cloned. */
export interface BuildPlan {
  /** Platform that was asked for, or that of the build. */
  readonly platform: Platform;
  readonly images: readonly PlannedImage[];
  /** In the order of the Dockerfile. */
  readonly stages: readonly PlannedStage[];
  /** For display. */
  readonly graph: PlannedGraph;
  /** Every step comes after those it reads. */
  readonly steps: readonly Step[];
  readonly result: PlannedResult;
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch: number | undefined;
  /** Names of the build arguments that the Dockerfile uses; the others change nothing. */
  readonly usedArgs: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}
