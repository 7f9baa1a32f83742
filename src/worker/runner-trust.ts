import type { Standing } from "./access/caller.ts";
import { matchesPattern } from "./access/pattern.ts";
import type { BuildRunner } from "./build-runners.ts";
import type { JobRow, Needs } from "./job-table.ts";

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

/** How long a job waits for the runner that its client offered before others may have it. */
export const expectedMilliseconds = 20_000;

/** Whether a runner may be told of a job. A runner of a build knows nothing of other builds. */
export function mayHave(service: Service, job: JobRow): boolean {
  const needs = JSON.parse(job.needs) as Needs;
  if (service.kind === "build") {
    const { build, secrets, ssh } = service;
    // Secrets that came with a request were sent for the operator's runners, not for those of everybody who asks alike.
    if (build !== job.build || needs.values) return false;
    return needs.secrets.every((id) => secrets.includes(id)) && needs.ssh.every((id) => ssh.includes(id));
  }
  if (job.only || needs.secrets.length > 0 || needs.ssh.length > 0) return false;
  if (service.scopes === undefined) return true;
  const { scopes } = service;
  const repositories = JSON.parse(job.repositories) as string[];
  return repositories.every((name) => scopes.some((pattern) => matchesPattern(pattern, name)));
}

/** Whether a job leaves others alone because the runner that its client offered is on its way. */
export function isAwaited(job: JobRow, offered: readonly BuildRunner[]): boolean {
  const { values } = JSON.parse(job.needs) as Needs;
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
