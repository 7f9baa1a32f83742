import { z } from "zod";
import { finding } from "./check.ts";
import { listingEntry, sha256Digest } from "./contexts.ts";
import { descriptor, difference, stepInfo } from "./events.ts";
import { problem } from "./problem.ts";

/**
 * What is planned. Options stand in `options` or in the query, as for a build. Nothing is built, stored or fetched:
 * images count as known when they are stored here.
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
  /** Digest of a context, or of a listing that was posted, files missing or not. */
  context: sha256Digest.optional(),
  /** The entries of a context, in any order. In its place, without a digest that names it. */
  listing: z.array(listingEntry).max(200_000).optional(),
  options: z.unknown().optional(),
});
export type PlanRequest = z.infer<typeof planRequest>;

/** Where something stands in the Dockerfile: 1-based, both ends inclusive. */
export const sourceRange = z.object({
  line: z.int(),
  column: z.int(),
  endLine: z.int(),
  endColumn: z.int(),
});

export const planStage = z.object({
  /** Position among the FROM instructions. */
  index: z.int(),
  /** Its name, or `stage-<index>`; empty for the only stage of a Dockerfile. */
  name: z.string(),
  /** What FROM names, after expansion. */
  from: z.string(),
  /** Of its FROM. */
  range: sourceRange,
  /** The last line of its last instruction. */
  endLine: z.int(),
  /** What is built depends on it. */
  needed: z.boolean(),
  target: z.boolean(),
});

/** An image that a stage reads; `id` is what edges name. */
export const planImage = z.object({
  id: z.string(),
  /** In full. */
  reference: z.string(),
  /** Of its manifest; absent when the image is not stored here. */
  digest: z.string().optional(),
});

/** From what is read to the stage that reads it. */
export const planEdge = z.object({
  kind: z.enum(["from", "copy", "mount"]),
  from: z.union([z.object({ stage: z.int() }), z.object({ image: z.string() })]),
  /** Position of a stage. */
  to: z.int(),
  range: sourceRange,
});

/** What a source of COPY, ADD or RUN --mount reads. */
export const planSource = z.object({
  /** As written, or the name of the step or image. */
  name: z.string(),
  kind: z.enum(["context", "stage", "image", "inline", "http", "git"]),
  /** Of a context: files that are read, their bytes, and the first of their paths. */
  files: z.int().optional(),
  bytes: z.int().optional(),
  paths: z.array(z.string()).optional(),
});

/**
 * `hit`: the build cache has its layer. `miss`: it would be carried out. `not needed`: what is built does not depend
 * on it, or only through a step that hits. `unknown`: that depends on what an earlier step or a download gives, or on
 * an image that is not here.
 */
export const planState = z.enum(["hit", "miss", "not needed", "unknown"]);

export const planStep = z.object({
  ...stepInfo.shape,
  kind: z.enum(["copy", "add", "workdir", "run"]),
  /** The instruction after expansion. */
  instruction: z.string(),
  range: sourceRange,
  /** Position among the FROM instructions. */
  stageIndex: z.int(),
  state: planState,
  why: z.string(),
  differences: z.array(difference),
  /** Of a hit. */
  layer: descriptor.optional(),
  /** What its cache key is made of, by name. Absent when it is not known. */
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

/** A Dockerfile as a build would see it. */
export const planResult = z.object({
  /** Of the lint rules; errors, too. */
  findings: z.array(finding),
  /** Why it cannot be built; what could be planned is there all the same. */
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
  /** Digest of the listing that was sent. */
  context: z.string().optional(),
});
export type PlanResult = z.infer<typeof planResult>;
