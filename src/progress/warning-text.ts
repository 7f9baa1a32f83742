import type { Warning } from "./log-line.ts";
import { plainLine } from "./terminal-text.ts";

/** The text about a Dockerfile's warnings at the end of a build: a title, and a line for each. */
export function warningLines(warnings: readonly Warning[]): string[] {
  if (warnings.length === 0) return [];
  return [
    `${warnings.length} warning${warnings.length === 1 ? "" : "s"} found:`,
    ...warnings.map(({ rule, message, line }) => plainLine(`- ${rule}: ${message} (line ${line})`)),
  ];
}
