import packageInfo from "../../package.json" with { type: "json" };
import type { Environment } from "./workflow.ts";

/** The `User-Agent` of the step. Its comment is the branch, so that the last build of the branch can be found. */
export function agentOf(environment: Environment): string {
  const branch = branchOf(environment);
  return `varve-action/${packageInfo.version}${branch === "" ? "" : ` (${branch})`}`;
}

/** The branch or tag of the job; for a pull request its number. Omits characters that a comment cannot contain. */
export function branchOf({ GITHUB_REF_NAME: name = "" }: Environment): string {
  return name.replace(/[^\w.+/-]/g, "").slice(0, 64);
}
