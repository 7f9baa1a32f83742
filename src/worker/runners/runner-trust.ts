import type { Standing } from "../access/caller.ts";
import { matchesPattern } from "../access/pattern.ts";
import { type JobOwner, type JobRow, needsOfRow } from "../jobs/job-table.ts";
import { type BuildRunner, EXPECTED_MS } from "./build-runners.ts";

/** The builds that a runner may serve. */
export type Service =
  | {
      kind: "pool";
      /** Patterns of repositories; undefined for all repositories. */
      scopes?: string[];
      /** Validity of its token, when that can expire or be revoked. */
      standing?: Standing;
    }
  | {
      kind: "build";
      build: string;
      /** SHA-256 of the runner's token. */
      token: string;
      /** Ids of the secrets that the runner has. */
      secrets: string[];
      ssh: string[];
    };

/** Whether a runner may execute a job. A client's runner executes jobs of its build only. */
export function mayHave(service: Service, job: JobRow): boolean {
  const { build, repositories, only } = job;
  const owner = { build, repositories: JSON.parse(repositories) as string[], only: only === 1 };
  if (!mayServe(service, owner)) return false;
  const needs = needsOfRow(job);
  if (service.kind === "pool") return needs.secrets.length + needs.ssh.length === 0;
  const { secrets, ssh } = service;
  // Only the operator's runners receive secrets of a request: another client of the build must not see them.
  if (needs.values) return false;
  return needs.secrets.every((id) => secrets.includes(id)) && needs.ssh.every((id) => ssh.includes(id));
}

/** Whether a build may use the runner and its snapshots. */
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

/** Whether a job still waits for the runner that its client offered. */
export function isAwaited(job: JobRow, offered: readonly BuildRunner[]): boolean {
  const { values } = needsOfRow(job);
  if (values) return false;
  return offered.some(
    ({ runner, presence, since }) =>
      runner !== "spare" && presence === "expected" && Date.now() - Math.max(since, job.since) < EXPECTED_MS,
  );
}

/** Whether only builds of the job's scope may reuse results of the runner. */
export function isConfined(service: Service): boolean {
  return service.kind === "build" || service.scopes !== undefined;
}

/** Key of the trust level of a runner: equal for runners that the same builds trust, empty if all builds trust the runner. */
export function trustOf(service: Service): string {
  if (service.kind === "build") return `build ${service.token} `;
  return service.scopes === undefined ? "" : `pool ${JSON.stringify(service.scopes)} `;
}
