import type { BuildProgress } from "./build-progress.ts";
import { plainLine } from "./terminal-text.ts";

/**
 * The kept output of the failed step, between rules under the name of the step, as BuildKit prints it. Empty when no
 * step failed or there is no output.
 */
export function failedOutput({ started }: BuildProgress): string[] {
  const failed = started.find(({ state }) => state === "failed");
  if (failed === undefined || failed.output.count === 0) return [];
  const { name, output } = failed;
  const omitted = output.dropped === 0 ? [] : [`[${output.dropped} earlier lines are not shown]`];
  return ["------", ` > ${name}:`, ...omitted, ...output.last().map(({ text }) => plainLine(text)), "------"];
}
