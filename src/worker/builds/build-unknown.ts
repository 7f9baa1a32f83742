import { ProblemError } from "../http/problem.ts";

/** There is no such build, or none that the caller may see: both have the same answer. */
export function unknownBuild(id: string, run?: number): ProblemError {
  return new ProblemError({
    status: 404,
    code: "build-unknown",
    title: "No such build",
    detail: `Cannot find ${run === undefined ? "" : `run ${run} of `}the build "${id}"`,
    hint:
      run === undefined
        ? "The header Varve-Build of a build's answer names it."
        : "GET /v1/builds/<id>/runs lists the runs that are kept.",
  });
}
