import { ProblemError } from "./problem.ts";

/** There is no such build, or none that the asker may see: he is told the same. */
export function unknownBuild(id: string): ProblemError {
  return new ProblemError({
    status: 404,
    code: "build-unknown",
    title: "No such build",
    detail: `Cannot find the build "${id}"`,
    hint: "The header Varve-Build of a build's answer names it.",
  });
}
