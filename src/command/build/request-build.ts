import { type BuildRequest, type RunningBuild, ServiceError } from "../../client/service.ts";
import type { BuildTools } from "./build-tools.ts";

/** Requests a build. Shows the warnings about a Dockerfile that the server rejects. */
export async function requestBuild(
  request: BuildRequest,
  { service, progress }: Pick<BuildTools, "service" | "progress">,
): Promise<RunningBuild> {
  try {
    return await service.build(request);
  } catch (error) {
    const warnings = error instanceof ServiceError ? (error.problem.warnings ?? []) : [];
    for (const warning of warnings) progress.show({ seq: 0, time: 0, type: "warning", ...warning });
    throw error;
  }
}
