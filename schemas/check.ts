import { z } from "zod";

/** One finding about a Dockerfile; lines and columns are 1-based. */
export const finding = z.object({
  /** Lint rule by BuildKit's name, or an error code. */
  rule: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  file: z.string(),
  line: z.int(),
  endLine: z.int(),
  column: z.int().optional(),
  help: z.string().optional(),
  url: z.string().optional(),
});
export type Finding = z.infer<typeof finding>;

/** The result of linting a Dockerfile. */
export const checkResult = z.object({ findings: z.array(finding) });
export type CheckResult = z.infer<typeof checkResult>;
