import type { BuildList, BuildRecord } from "../../schemas/build.ts";
import type { PlanRequest, PlanResult } from "../../schemas/plan.ts";
import type { RunnerList } from "../../schemas/runner-list.ts";
import { Images } from "../client/images.ts";
import { Service, ServiceError, type ServiceOptions, UnreachableError } from "../client/service.ts";
import { fetchWithToken } from "./browser/access.ts";

/** Creates a client for the server of this page. The page itself retries when the server is unreachable. */
export function createService(options: Pick<ServiceOptions, "signal"> = {}): Service {
  return new Service(location.origin, { fetch: fetchWithToken, followTries: 5, ...options });
}

export const service = createService();
export const imageClient = new Images(service);

/** Whether a request failed because the server is unavailable, so that the same request can succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof ServiceError) return [429, 502, 503, 504].includes(error.problem.status);
  return error instanceof UnreachableError;
}

/** Fetches a page of the list of builds, newest first. @param last the `next` of the previous page */
export function fetchBuilds(last?: string): Promise<BuildList> {
  return service.ask(`/v1/builds?${new URLSearchParams(last === undefined ? {} : { last })}`);
}

/** Fetches the newest builds of a repository. */
export async function fetchBuildsOfImage(image: string): Promise<BuildRecord[]> {
  const { builds } = await service.ask<BuildList>(`/v1/builds?${new URLSearchParams({ image })}`);
  return builds;
}

/** @param run number of the run; undefined for the last run */
export function fetchBuild(id: string, run: number | undefined): Promise<BuildRecord> {
  return service.ask(`/v1/builds/${encodeURIComponent(id)}${run === undefined ? "" : `?run=${run}`}`);
}

/** Fetches the connected runners, with the state of the runner that a local server starts. */
export function fetchRunners(): Promise<RunnerList> {
  return service.ask("/v1/runners");
}

/** Fetches the plan of a build. @param tags determine which repositories the plan may read */
export function fetchPlan(tags: readonly string[], request: PlanRequest): Promise<PlanResult> {
  return service.ask(`/v1/plan?${new URLSearchParams(tags.map((tag) => ["t", tag]))}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
}
