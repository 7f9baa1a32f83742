import type { BuildRecord } from "../../schemas/build.ts";
import type { PlanRequest, PlanResult } from "../../schemas/plan.ts";
import type { RunnerList } from "../../schemas/runner.ts";
import { Service, type ServiceOptions } from "../client/service.ts";
import { authorizedFetch } from "./browser/access.ts";

/** The server that this page came from. */
export function serviceOf(options: Pick<ServiceOptions, "signal"> = {}): Service {
  return new Service(location.origin, { fetch: authorizedFetch, ...options });
}

export const service = serviceOf();

export async function lastBuilds(): Promise<BuildRecord[]> {
  return (await service.ask<{ builds: BuildRecord[] }>("/v1/builds")).builds;
}

export function buildRecord(id: string): Promise<BuildRecord> {
  return service.ask(`/v1/builds/${encodeURIComponent(id)}`);
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
