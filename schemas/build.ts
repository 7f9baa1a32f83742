import { z } from "zod";
import { buildResult, difference, stepInfo } from "./events.ts";
import { buildOptions } from "./options.ts";
import { problem } from "./problem.ts";

/** Everything that decides what a build gives: its digest is the build id. */
export const buildInputs = z.object({
  dockerfile: z.string(),
  /** Name of the Dockerfile in messages. */
  dockerfileName: z.string(),
  /** Lines of the ignore file that applies. */
  ignore: z.array(z.string()),
  /** Digest of the context's listing. */
  context: z.string(),
  options: buildOptions,
  /** Digests of the images that the Dockerfile names: `<reference> <platform>` → digest. */
  images: z.record(z.string(), z.string()),
});
export type BuildInputs = z.infer<typeof buildInputs>;

export const buildState = z.enum(["running", "done", "failed", "cancelled"]);
export type BuildState = z.infer<typeof buildState>;

/** What `GET /v1/builds/<id>` tells. Times are RFC 3339. */
export const buildRecord = z.object({
  id: z.string(),
  state: buildState,
  tags: z.array(z.string()),
  started: z.string(),
  ended: z.string().optional(),
  result: buildResult.optional(),
  problem: problem.optional(),
});
export type BuildRecord = z.infer<typeof buildRecord>;

/** The last builds, newest first. */
export const buildList = z.object({
  builds: z.array(buildRecord),
  /** Give this as `last` for the builds before these; absent at the end. */
  next: z.string().optional(),
});
export type BuildList = z.infer<typeof buildList>;

export const buildListQuery = z.object({
  /** Builds of one answer, at most. */
  n: z.coerce.number().int().min(1).max(50).default(50),
  /** The `next` of the answer before. */
  last: z
    .string()
    .regex(/^\d{13}\/[0-9a-f]{64}$/)
    .optional(),
});

/**
 * Why a step of a build was executed or not. `unknown`: the build has not come to the step, or ended before it.
 */
export const stepExplanation = z.object({
  ...stepInfo.shape,
  status: z.enum(["hit", "miss", "not needed", "unknown"]),
  why: z.string(),
  differences: z.array(difference),
});
export const explanation = z.object({ id: z.string(), steps: z.array(stepExplanation) });
export type Explanation = z.infer<typeof explanation>;
