import type { Finding } from "../../schemas/check.ts";
import type { Workflow } from "./workflow.ts";

/** GitHub shows this many annotations of each kind for a step and silently drops the rest. */
const MAX_OF_KIND = 10;

/** A lint finding, from the server or from the build. */
export type LintFinding = Pick<
  Finding,
  "rule" | "severity" | "message" | "line" | "endLine" | "help" | "url"
>;

/**
 * Annotates findings on their lines, up to GitHub's limit.
 * @param file path of the Dockerfile in the workspace; undefined when it is elsewhere
 * @param used annotations of each kind that the step itself has made
 * @returns the findings above the limit
 */
export function annotate(
  workflow: Workflow,
  findings: readonly LintFinding[],
  file: string | undefined,
  used: Readonly<Record<LintFinding["severity"], number>>,
): LintFinding[] {
  const left = { error: MAX_OF_KIND - used.error, warning: MAX_OF_KIND - used.warning };
  const omitted: LintFinding[] = [];
  for (const finding of findings) {
    const { severity, rule, line, endLine } = finding;
    if (left[severity] <= 0) {
      omitted.push(finding);
      continue;
    }
    left[severity] -= 1;
    workflow.annotate(severity, textOf(finding), {
      title: rule,
      ...(file !== undefined && { file, line, ...(endLine !== line && { endLine }) }),
    });
  }
  return omitted;
}

function textOf({ message, help, url }: LintFinding): string {
  return [message, help, url && `More info: ${url}`].filter(Boolean).join("\n");
}

/** Removes duplicate findings and sorts by line. */
export function uniqueFindings(findings: readonly LintFinding[]): LintFinding[] {
  const byIdentity = new Map(findings.map((one) => [`${one.line} ${one.rule} ${one.message}`, one]));
  return [...byIdentity.values()].sort((a, b) => a.line - b.line);
}
