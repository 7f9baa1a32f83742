import type { BuildList, BuildRecord } from "../../schemas/build.ts";
import type { PlanRequest, PlanResult } from "../../schemas/plan.ts";
import type { RunnerList } from "../../schemas/runner.ts";
import { Service, ServiceError, type ServiceOptions, UnreachableError } from "../client/service.ts";
import { authorizedFetch } from "./browser/access.ts";

/** The server that this page came from. */
export function serviceOf(options: Pick<ServiceOptions, "signal"> = {}): Service {
  return new Service(location.origin, { fetch: authorizedFetch, ...options });
}

export const service = serviceOf();

/** Whether an error says that the server does not answer now, and may answer the same request later. */
export function isAway(error: unknown): boolean {
  if (error instanceof ServiceError) return [429, 502, 503, 504].includes(error.problem.status);
  return error instanceof UnreachableError;
}

/** A part of the list of builds, newest first. @param last the `next` of the part before */
export function lastBuilds(last?: string): Promise<BuildList> {
  return service.ask(`/v1/builds?${new URLSearchParams(last === undefined ? {} : { last })}`);
}

/** The newest runs of builds of a repository. */
export async function buildsOfImage(image: string): Promise<BuildRecord[]> {
  const { builds } = await service.ask<BuildList>(`/v1/builds?${new URLSearchParams({ image })}`);
  return builds;
}

/** @param run its number; the last run of the build when it is not a number */
export function buildRecord(id: string, run: number | undefined): Promise<BuildRecord> {
  return service.ask(`/v1/builds/${encodeURIComponent(id)}${run === undefined ? "" : `?run=${run}`}`);
}

/** Runners that are connected, and the state of the one that a local server starts. */
export function runnerList(): Promise<RunnerList> {
  return service.ask("/v1/runners");
}

/** What a build would do, building nothing. @param tags say whose files and steps may be looked at */
export function plan(tags: readonly string[], request: PlanRequest): Promise<PlanResult> {
  return service.ask(`/v1/plan?${new URLSearchParams(tags.map((tag) => ["t", tag]))}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
}
