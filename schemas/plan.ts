import { z } from "zod";
import { finding } from "./check.ts";
import { listingEntry, sha256Digest } from "./contexts.ts";
import { descriptor, difference, stepInfo } from "./events.ts";
import { problem } from "./problem.ts";

/**
 * A request for the plan of a build. Options are in `options` or in the query, as for a build. The server builds, stores and
 * fetches nothing, so only stored images are known.
 */
export const planRequest = z.strictObject({
  dockerfile: z
    .string()
    .max(4 * 1024 * 1024)
    .optional(),
  /** Text of the ignore file. */
  ignore: z
    .string()
    .max(4 * 1024 * 1024)
    .optional(),
  /** Digest of a context, or of a posted listing, even if files are missing. */
  context: sha256Digest.optional(),
  /** The entries of a context, in any order, instead of a digest. */
  listing: z.array(listingEntry).max(200_000).optional(),
  options: z.unknown().optional(),
});
export type PlanRequest = z.infer<typeof planRequest>;

/** A range in the Dockerfile: 1-based, both ends inclusive. */
const sourceRange = z.object({
  line: z.int(),
  column: z.int(),
  endLine: z.int(),
  endColumn: z.int(),
});

const planStage = z.object({
  /** Index of its FROM among all FROM instructions. */
  index: z.int(),
  /** Its name, or `stage-<index>`; empty for the only stage of a Dockerfile. */
  name: z.string(),
  /** The image or stage of FROM, after expansion. */
  from: z.string(),
  /** Range of its FROM. */
  range: sourceRange,
  /** The last line of its last instruction. */
  endLine: z.int(),
  /** Whether the target depends on it. */
  needed: z.boolean(),
  target: z.boolean(),
});

/** An image that a stage reads. Edges refer to its `id`. */
const planImage = z.object({
  id: z.string(),
  /** The full reference. */
  reference: z.string(),
  /** Digest of its manifest; absent when the image is not stored on this server. */
  digest: z.string().optional(),
});

/** An edge from a stage or image to the stage that reads it. */
const planEdge = z.object({
  kind: z.enum(["from", "copy", "mount"]),
  from: z.union([z.object({ stage: z.int() }), z.object({ image: z.string() })]),
  /** Index of a stage. */
  to: z.int(),
  range: sourceRange,
});

/** A source of COPY, ADD or RUN --mount. */
const planSource = z.object({
  /** The text in the Dockerfile, or the name of the step or image. */
  name: z.string(),
  kind: z.enum(["context", "stage", "image", "inline", "http", "git"]),
  /** For a context: number of files, their bytes, and the first of their paths. */
  files: z.int().optional(),
  bytes: z.int().optional(),
  paths: z.array(z.string()).optional(),
});

/**
 * `hit`: the build cache has its result. `miss`: it would be executed. `not needed`: the target does not depend on it, or
 * only through a step that hits. `unknown`: depends on the result of an earlier step, on a download, or on an image that is
 * not stored on this server.
 */
const planState = z.enum(["hit", "miss", "not needed", "unknown"]);

const planStep = z.object({
  ...stepInfo.shape,
  kind: z.enum(["copy", "add", "workdir", "run"]),
  /** The instruction after expansion. */
  instruction: z.string(),
  range: sourceRange,
  /** Index of its stage. */
  stageIndex: z.int(),
  state: planState,
  why: z.string(),
  differences: z.array(difference),
  /** The layer of a hit. */
  layer: descriptor.optional(),
  /** The parts of its cache key. Absent when the key is unknown. */
  key: z
    .object({
      id: z.string(),
      executor: z.string(),
      instruction: z.string(),
      settings: z.string(),
      parent: z.string(),
      sources: z.array(z.string()),
    })
    .optional(),
  sources: z.array(planSource),
});
export type PlanStep = z.infer<typeof planStep>;

/** The plan of a build. */
export const planResult = z.object({
  /** Findings of the lint rules, and errors. */
  findings: z.array(finding),
  /** Why it cannot be built. The other fields have the part that could be planned. */
  problem: problem.optional(),
  platforms: z.array(
    z.object({
      platform: z.string(),
      stages: z.array(planStage),
      images: z.array(planImage),
      edges: z.array(planEdge),
      steps: z.array(planStep),
    }),
  ),
  /** Digest of the listing in the request. */
  context: z.string().optional(),
});
export type PlanResult = z.infer<typeof planResult>;
