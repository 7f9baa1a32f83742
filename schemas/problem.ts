import { z } from "zod";
import { contextPaths } from "./contexts.ts";
import { type ProblemCode, problemCodes } from "./problem-codes.ts";

/** The place of an error in a Dockerfile. Lines and columns are 1-based. */
const problemLocation = z.object({
  file: z.string(),
  line: z.int(),
  endLine: z.int().optional(),
  column: z.int().optional(),
  rule: z.string().optional(),
});

/** A lint finding about a Dockerfile. Lines are 1-based. */
export const warning = z.object({
  rule: z.string(),
  message: z.string(),
  file: z.string(),
  line: z.int(),
  endLine: z.int().optional(),
  url: z.string().optional(),
});

/** RFC 9457 problem details. Programs use `code`, which is stable; `title` and `detail` are for users. */
export const problem = z.object({
  type: z.string().default("about:blank"),
  title: z.string(),
  status: z.int(),
  /** A code of the catalogue, of a Dockerfile diagnostic (`dockerfile/…`), or of a registry in lower case. */
  code: z.string(),
  detail: z.string().optional(),
  /** Advice for the user. */
  hint: z.string().optional(),
  /** With the code `base-unavailable`: the registry of the image, if other credentials may give access. */
  registry: z.string().optional(),
  errors: z.array(problemLocation).optional(),
  /** Lint findings about the Dockerfile of a build that was not started. Builds report theirs as events. */
  warnings: z.array(warning).optional(),
  /** ID of the request, which is in the server's log. */
  request: z.string().optional(),
  /** With the code `context-incomplete`: the paths that the build reads. */
  required: contextPaths.optional(),
});
/** Codes of the catalogue. Servers may add some. */
export const problemCode = z.enum(Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]]);

export type ProblemWarning = z.infer<typeof warning>;
export type Problem = z.infer<typeof problem>;
