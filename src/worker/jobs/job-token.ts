import type { Env } from "../environment.ts";
import { callObject } from "../http/object-interrupted.ts";
import { ProblemError } from "../http/problem.ts";
import { poolOfId } from "../runners/pools.ts";
import { runnersOf } from "../runners/runners-service.ts";
import type { JobRights } from "./job-progress.ts";

/** The token of a request; empty when there is none. */
export function bearer(authorization: string | undefined): string {
  return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
}

/** The object that has a job; undefined when the id names a pool that does not exist. */
export function runnersOfJob(env: Env, id: string) {
  const pool = poolOfId(id, env);
  return pool && runnersOf(env, pool);
}

/** The rights of the runner of a job. @throws {ProblemError} for any other caller */
export async function requireJob(
  env: Env,
  id: string,
  authorization: string | undefined,
): Promise<JobRights> {
  const token = bearer(authorization);
  const rights =
    token === ""
      ? undefined
      : await callObject<JobRights | undefined>(async () => runnersOfJob(env, id)?.rightsFor(id, token));
  if (rights !== undefined) return rights;
  throw new ProblemError("job-denied", {
    detail: `Cannot serve the job "${id}": its token is invalid, or the job has ended`,
  });
}
