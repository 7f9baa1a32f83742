import { ProblemError } from "../http/problem.ts";

/** The problem for a build that does not exist or that the caller may not see. */
export function unknownBuild(id: string, run?: number): ProblemError {
  return new ProblemError("build-unknown", {
    detail: `Cannot find ${run === undefined ? "" : `run ${run} of `}the build "${id}"`,
    hint:
      run === undefined
        ? "The header Varve-Build of the response to a build contains its id."
        : "GET /v1/builds/<id>/runs lists the stored runs.",
  });
}
