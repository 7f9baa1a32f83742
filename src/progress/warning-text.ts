import type { Warning } from "./build-progress.ts";
import { plainLine } from "./terminal-text.ts";

/** What is printed of the warnings about a Dockerfile when the build has ended: a title, and a line for each. */
export function warningLines(warnings: readonly Warning[]): string[] {
  if (warnings.length === 0) return [];
  return [
    `${warnings.length} warning${warnings.length === 1 ? "" : "s"} found:`,
    ...warnings.map(({ rule, message, line }) => plainLine(`- ${rule}: ${message} (line ${line})`)),
  ];
}
