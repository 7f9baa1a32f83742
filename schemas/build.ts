import { z } from "zod";
import { buildResult, difference, stepInfo } from "./events.ts";
import { buildOptions } from "./options.ts";
import { problem } from "./problem.ts";

/** Everything that determines the result of a build. Its digest is the build id. */
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

/**
 * One run of a build. Equal inputs have one id, and each request that finds no such build running starts a run. Times are
 * RFC 3339.
 */
export const buildRecord = z.object({
  id: z.string(),
  /** Number of the run, from 1. */
  run: z.int(),
  state: buildState,
  tags: z.array(z.string()),
  started: z.string(),
  ended: z.string().optional(),
  /** The credential that started it: `local`, `admin`, `token <id>` or `oidc <rules>`. */
  caller: z.string().optional(),
  /**
   * The program that started it: the first product of its `User-Agent`, with its comment, which is the branch for the
   * Action: `varve-action/0.1.0 (main)`.
   */
  origin: z.string().optional(),
  /** Further requests that joined it while it was running. */
  joined: z.int().optional(),
  /** Steps whose results were reused, and steps that were executed; base images do not count. */
  steps: z.object({ hits: z.int(), misses: z.int() }).optional(),
  /** Bytes of the image as it is stored, all platforms together. */
  size: z.int().optional(),
  result: buildResult.optional(),
  problem: problem.optional(),
});
export type BuildRecord = z.infer<typeof buildRecord>;

/** The runs of one build that are kept, newest first. */
export const runList = z.object({ id: z.string(), runs: z.array(buildRecord) });
export type RunList = z.infer<typeof runList>;

/** A step of a run, for insights. */
const runStep = z.object({ name: z.string(), isHit: z.boolean(), milliseconds: z.number() });
export type RunStep = z.infer<typeof runStep>;

/** Statistics of the last runs of an image. Durations are in milliseconds. */
export const insights = z.object({
  image: z.string(),
  /** Number of ended runs: all, and those that failed or were cancelled. */
  runs: z.int(),
  failed: z.int(),
  /** Of successful runs. */
  duration: z.object({ last: z.number(), median: z.number(), longest: z.number() }).optional(),
  /** Share of steps whose results were reused, from 0 to 1. */
  hitRate: z.number().optional(),
  /** The steps with the longest total time, the longest first. */
  steps: z.array(
    z.object({
      name: z.string(),
      /** How often it was executed, and how often its result was reused. */
      executed: z.int(),
      reused: z.int(),
      /** Of all executions, and their median. */
      total: z.number(),
      median: z.number(),
    }),
  ),
  /** Of successful runs, newest first. */
  sizes: z.array(z.object({ id: z.string(), started: z.string(), bytes: z.int() })),
});
export type Insights = z.infer<typeof insights>;

export const insightsQuery = z.strictObject({
  image: z.string().min(1),
  /** Maximum number of runs. */
  n: z.coerce.number().int().min(1).max(50).default(20),
});

/** The last runs of builds, newest first. */
export const buildList = z.object({
  builds: z.array(buildRecord),
  /** Send this as `last` to request the next page; absent on the last page. */
  next: z.string().optional(),
});
export type BuildList = z.infer<typeof buildList>;

export const buildListQuery = z.strictObject({
  /** Maximum number of runs in the answer. */
  n: z.coerce.number().int().min(1).max(50).default(50),
  /** The `next` of the previous answer. */
  last: z
    .string()
    .regex(/^\d{13}\/[0-9a-f]{64}$/)
    .optional(),
  /** Only builds that tag this image. */
  image: z.string().min(1).optional(),
  /** Only runs in this state. */
  state: buildState.optional(),
});
export type BuildListQuery = z.infer<typeof buildListQuery>;

/** The run of a build. Default: the last one. */
export const runQuery = z.strictObject({ run: z.coerce.number().int().min(1).optional() });

export const eventsQuery = z.strictObject({
  ...runQuery.shape,
  /** Number of the event after which the answer starts. The header `Last-Event-ID` has precedence. */
  after: z.coerce.number().int().min(0).default(0),
});

/**
 * Why a step of a build was executed or not. `unknown`: the build has not reached the step, or ended before it.
 */
const stepExplanation = z.object({
  ...stepInfo.shape,
  status: z.enum(["hit", "miss", "not needed", "unknown"]),
  why: z.string(),
  differences: z.array(difference),
});
export const explanation = z.object({ id: z.string(), steps: z.array(stepExplanation) });
export type Explanation = z.infer<typeof explanation>;
