import type { BuildList, BuildRecord } from "../../schemas/build.ts";
import type { PlanRequest, PlanResult } from "../../schemas/plan.ts";
import type { RunnerList } from "../../schemas/runner-list.ts";
import { Service, ServiceError, type ServiceOptions, UnreachableError } from "../client/service.ts";
import { authorizedFetch } from "./browser/access.ts";

/** Creates a client for the server of this page. */
export function serviceOf(options: Pick<ServiceOptions, "signal"> = {}): Service {
  // The page shows that the server does not respond, and tries again.
  return new Service(location.origin, { fetch: authorizedFetch, followTries: 5, ...options });
}

export const service = serviceOf();

/** Whether the server is unavailable for now, so that the same request can succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof ServiceError) return [429, 502, 503, 504].includes(error.problem.status);
  return error instanceof UnreachableError;
}

/** Requests a page of the list of builds, newest first. @param last the `next` of the previous page */
export function lastBuilds(last?: string): Promise<BuildList> {
  return service.ask(`/v1/builds?${new URLSearchParams(last === undefined ? {} : { last })}`);
}

/** Requests the newest builds of a repository. */
export async function buildsOfImage(image: string): Promise<BuildRecord[]> {
  const { builds } = await service.ask<BuildList>(`/v1/builds?${new URLSearchParams({ image })}`);
  return builds;
}

/** @param run number of the run; undefined for the last run */
export function buildRecord(id: string, run: number | undefined): Promise<BuildRecord> {
  return service.ask(`/v1/builds/${encodeURIComponent(id)}${run === undefined ? "" : `?run=${run}`}`);
}

/** Requests the connected runners, and the state of the runner that a local server starts. */
export function runnerList(): Promise<RunnerList> {
  return service.ask("/v1/runners");
}

/** Plans a build without running it. @param tags decide which repositories the plan may read */
export function plan(tags: readonly string[], request: PlanRequest): Promise<PlanResult> {
  return service.ask(`/v1/plan?${new URLSearchParams(tags.map((tag) => ["t", tag]))}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
}
