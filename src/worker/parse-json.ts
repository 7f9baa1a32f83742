import { ProblemError } from "./problem.ts";

/** @throws ProblemError `invalid-json` */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ProblemError({
      status: 400,
      code: "invalid-json",
      title: "The body is not JSON",
      detail: `Cannot read the request: ${(error as Error).message}`,
    });
  }
}
