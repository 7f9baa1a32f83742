import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import type { ContainerConfig, ImageConfig } from "../../oci/config.ts";
import type { HistoryEntry } from "../../oci/history.ts";
import type { Platform } from "../../oci/platform.ts";
import type { FileState, Step } from "./step.ts";

/** An image that a build reads: a base, or a source of COPY --from or RUN --mount. */
export interface PlannedImage {
  /** The full reference without digest: `docker.io/library/alpine:3.20`. */
  readonly reference: string;
  /** The requested platform. */
  readonly platform: Platform;
  /** Digest of its manifest for that platform; empty when unknown: see `PlanLookups.resolveImage`. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The step name in progress output: `[build 1/4] FROM docker.io/library/alpine:3.20@sha256:…`. */
  readonly name: string;
  /** The lines of the instruction that first uses it. */
  readonly lines: LineRange;
}

/** A stage that the target depends on. */
export interface PlannedStage {
  /** Position among the FROM instructions. */
  readonly index: number;
  /** Its name, or `stage-<index>`; empty for the only stage of a Dockerfile. */
  readonly name: string;
  readonly platform: Platform;
  /** Lines of its FROM instruction. */
  readonly lines: LineRange;
  readonly base: FileState;
  /** Its final file system. */
  readonly result: FileState;
}

/** A dependency of a stage on another stage or an image. */
export interface PlannedEdge {
  readonly kind: "from" | "copy" | "mount";
  /** Position of a stage in `BuildPlan.graph`, or of an image in `BuildPlan.images`. */
  readonly from: { readonly stage: number } | { readonly image: number };
  /** Position in `BuildPlan.graph` of the stage that reads. */
  readonly to: number;
  readonly lines: LineRange;
}

/** A stage of the Dockerfile, whether needed or not. */
export interface GraphStage {
  readonly name: string;
  /** The argument of FROM after expansion. */
  readonly from: string;
  /** Lines of its FROM instruction. */
  readonly lines: LineRange;
  /** Last line of its last instruction. */
  readonly endLine: number;
  /** Whether the target depends on it or is it. */
  readonly needed: boolean;
  readonly target: boolean;
}

/** All stages and their dependencies. */
export interface PlannedGraph {
  /** In Dockerfile order. */
  readonly stages: readonly GraphStage[];
  readonly edges: readonly PlannedEdge[];
}

/** The config of the image, except for its layers. */
export interface PlannedConfig {
  readonly platform: Platform;
  readonly author: string;
  readonly config: ContainerConfig;
  /** Oldest first; entries without `created` belong to this build. */
  readonly history: readonly HistoryEntry[];
}

/** The image that a plan produces. */
export interface PlannedResult {
  readonly files: FileState;
  readonly image: PlannedConfig;
}

/** An instruction as written, with continuations joined and credentials in URLs masked. */
export interface PlannedInstruction {
  readonly text: string;
  /** Its first line. */
  readonly line: number;
}

/** The steps that build an image for one platform, and its config. Plain data, safe to clone. */
export interface BuildPlan {
  /** The requested platform, or else that of the build. */
  readonly platform: Platform;
  readonly images: readonly PlannedImage[];
  /** In Dockerfile order. */
  readonly stages: readonly PlannedStage[];
  /** For display. */
  readonly graph: PlannedGraph;
  /** Instructions of the Dockerfile up to the target, for display; empty when they are too long. */
  readonly instructions: readonly PlannedInstruction[];
  /** Topologically sorted. */
  readonly steps: readonly Step[];
  readonly result: PlannedResult;
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch: number | undefined;
  /** Names of the build arguments that the Dockerfile uses; others do not affect the result. */
  readonly usedArgs: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}
