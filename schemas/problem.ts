import { z } from "zod";
import { contextPaths } from "./contexts.ts";

/** Where a Dockerfile is at fault. Lines and columns are 1-based. */
export const problemLocation = z.object({
  file: z.string(),
  line: z.int(),
  endLine: z.int().optional(),
  column: z.int().optional(),
  rule: z.string().optional(),
});

/** RFC 9457 problem details. `code` is stable and made for programs, `title` and `detail` are for people. */
export const problem = z.object({
  type: z.string().default("about:blank"),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  /** What to do. */
  hint: z.string().optional(),
  /** With the code `base-unavailable`: the registry to which credentials, or other ones, may open the image. */
  registry: z.string().optional(),
  errors: z.array(problemLocation).optional(),
  /** ID of the request, which the lines of the server's log about it have. */
  request: z.string().optional(),
  /** With the code `context-incomplete`: the paths that the build reads. */
  required: contextPaths.optional(),
});
export type Problem = z.infer<typeof problem>;
