import type { Finding } from "../../schemas/check.ts";
import type { Workflow } from "./workflow.ts";

/** GitHub shows so many of each kind for a step and drops the rest without a word. */
const mostOfKind = 10;

/** A finding of the lint, whoever found it. */
export type LintFinding = Pick<
  Finding,
  "rule" | "severity" | "message" | "line" | "endLine" | "help" | "url"
>;

/**
 * Puts findings on their lines, errors first, as far as GitHub shows them. Gives those that had no place.
 * @param file path of the Dockerfile in the workspace; undefined when it lies elsewhere
 * @param taken annotations of each kind that the step needs for itself
 */
export function annotate(
  workflow: Workflow,
  findings: readonly LintFinding[],
  file: string | undefined,
  taken: Readonly<Record<LintFinding["severity"], number>>,
): LintFinding[] {
  const left = { error: mostOfKind - taken.error, warning: mostOfKind - taken.warning };
  const untold: LintFinding[] = [];
  for (const finding of findings) {
    const { severity, rule, line, endLine } = finding;
    if (left[severity] <= 0) {
      untold.push(finding);
      continue;
    }
    left[severity] -= 1;
    workflow.annotate(severity, textOf(finding), {
      title: rule,
      ...(file !== undefined && { file, line, ...(endLine !== line && { endLine }) }),
    });
  }
  return untold;
}

function textOf({ message, help, url }: LintFinding): string {
  return [message, help, url && `More info: ${url}`].filter(Boolean).join("\n");
}

/** The same finding once, in the order of lines. */
export function different(findings: readonly LintFinding[]): LintFinding[] {
  const byIdentity = new Map(findings.map((one) => [`${one.line} ${one.rule} ${one.message}`, one]));
  return [...byIdentity.values()].sort((a, b) => a.line - b.line);
}
