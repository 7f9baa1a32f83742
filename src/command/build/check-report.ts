import type { Finding } from "../../../schemas/check.ts";
import { EXIT } from "../command-error.ts";

interface Source {
  name: string;
  text: string;
}

/** Prints findings as buildx does; gives the exit code. */
export function printFindings(findings: readonly Finding[], source: Source, isJson: boolean): number {
  if (isJson) process.stdout.write(`${JSON.stringify(lintResult(findings, source), null, 2)}\n`);
  else process.stdout.write(reportText(findings, source.text));
  return findings.length === 0 ? EXIT.ok : EXIT.lint;
}

function reportText(findings: readonly Finding[], dockerfile: string): string {
  if (findings.length === 0) return "Check complete, no warnings found.\n";
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const parts = [count(findings.length - errors, "warning"), count(errors, "error")].filter(Boolean);
  const have = findings.length === 1 ? "has" : "have";
  return `Check complete, ${parts.join(" and ")} ${have} been found!\n\n${findings.map((finding) => findingText(finding, dockerfile)).join("")}`;
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function findingText(
  { rule, severity, message, help, file, line, endLine, url }: Finding,
  dockerfile: string,
): string {
  const title = severity === "error" ? "ERROR" : "WARNING";
  const border = "-".repeat(20);
  return [
    `${title}: ${rule}${url === undefined ? "" : ` - ${url}`}`,
    message,
    ...(help === undefined ? [] : [help]),
    `${file}:${line}`,
    border,
    ...excerpt(dockerfile, line, endLine),
    border,
    "\n",
  ].join("\n");
}

/** Lines around the fault, as BuildKit prints them: two before and two after. */
function excerpt(dockerfile: string, start: number, end: number): string[] {
  const lines = dockerfile.split(/\r?\n/);
  const first = Math.max(1, start - 2);
  return lines.slice(first - 1, end + 2).flatMap((text, i) => {
    const number = first + i;
    if (number === lines.length && text === "") return [];
    const mark = number >= start && number <= end ? ">>> " : "    ";
    return [`${String(number).padStart(4)} | ${mark}${text}`];
  });
}

/** The output of `docker build --call=check,format=json`. */
function lintResult(findings: readonly Finding[], { name, text }: Source): object {
  const ranges = ({ line, endLine }: Finding) => [
    { start: { line, character: 0 }, end: { line: endLine, character: 0 } },
  ];
  const error = findings.find(({ severity }) => severity === "error");
  return {
    warnings: findings
      .filter(({ severity }) => severity === "warning")
      .map((finding) => ({
        ruleName: finding.rule,
        ...(finding.help !== undefined && { description: finding.help }),
        ...(finding.url !== undefined && { url: finding.url }),
        detail: finding.message,
        location: { sourceIndex: 0, ranges: ranges(finding) },
      })),
    sources: [{ filename: name, language: "Dockerfile", data: Buffer.from(text).toString("base64") }],
    ...(error && {
      buildError: { message: error.message, location: { sourceIndex: 0, ranges: ranges(error) } },
    }),
  };
}
