import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import type { ImageConfig } from "../../oci/config.ts";
import type { Platform } from "../../oci/platform.ts";
import type { ImageDraft } from "./image-draft.ts";
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

/** The image that comes out. */
export interface PlannedResult {
  readonly files: FileState;
  readonly image: ImageDraft;
}

/** What must be done to build an image for one platform, and what the image says. */
export interface BuildPlan {
  /** Platform that was asked for, or that of the build. */
  readonly platform: Platform;
  readonly images: readonly PlannedImage[];
  /** In the order of the Dockerfile. */
  readonly stages: readonly PlannedStage[];
  /** For those who show it. */
  readonly graph: PlannedGraph;
  /** Every step stands after those it reads. */
  readonly steps: readonly Step[];
  readonly result: PlannedResult;
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch: number | undefined;
  /** Names of the build arguments that were looked at; the others change nothing. */
  readonly usedArgs: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}
