import type { Standing } from "../access/caller.ts";
import { matchesPattern } from "../access/pattern.ts";
import { type JobOwner, type JobRow, needsOfRow } from "../jobs/job-table.ts";
import { type BuildRunner, expectedMilliseconds } from "./build-runners.ts";

/** For whom a runner works. */
export type Service =
  | {
      kind: "pool";
      /** Patterns of repositories; undefined for all of them. */
      scopes?: string[];
      /** When it has a token that can end. */
      standing?: Standing;
    }
  | {
      kind: "build";
      build: string;
      /** SHA-256 of its token. */
      token: string;
      /** Ids of what it has and others have not. */
      secrets: string[];
      ssh: string[];
    };

/** Whether a runner may execute a job. The runner of a client executes jobs of its build only. */
export function mayHave(service: Service, job: JobRow): boolean {
  const { build, repositories, only } = job;
  const owner = { build, repositories: JSON.parse(repositories) as string[], only: only === 1 };
  if (!mayServe(service, owner)) return false;
  const needs = needsOfRow(job);
  if (service.kind === "pool") return needs.secrets.length + needs.ssh.length === 0;
  const { secrets, ssh } = service;
  // Secrets that came with a request are for the operator's runners, not for those of other clients of the build.
  if (needs.values) return false;
  return needs.secrets.every((id) => secrets.includes(id)) && needs.ssh.every((id) => ssh.includes(id));
}

/** Whether a build may use snapshots that a runner holds, and have the runner execute tasks. */
export function mayServe(
  service: Service,
  { build, repositories, only }: Pick<JobOwner, "build" | "repositories" | "only">,
): boolean {
  if (service.kind === "build") return service.build === build;
  if (only) return false;
  const { scopes } = service;
  return (
    scopes === undefined ||
    repositories.every((name) => scopes.some((pattern) => matchesPattern(pattern, name)))
  );
}

/** Whether a job leaves others alone because the runner that its client offered is on its way. */
export function isAwaited(job: JobRow, offered: readonly BuildRunner[]): boolean {
  const { values } = needsOfRow(job);
  if (values) return false;
  return offered.some(
    ({ runner, presence, since }) =>
      runner !== "spare" &&
      presence === "expected" &&
      Date.now() - Math.max(since, job.since) < expectedMilliseconds,
  );
}

/** Whether what a runner gives may be believed by the scope of the job only. */
export function isConfined(service: Service): boolean {
  return service.kind === "build" || service.scopes !== undefined;
}

/** Text that is the same for runners that are trusted by the same builds; empty for those that all builds trust. */
export function trustOf(service: Service): string {
  if (service.kind === "build") return `build ${service.token} `;
  return service.scopes === undefined ? "" : `pool ${JSON.stringify(service.scopes)} `;
}
