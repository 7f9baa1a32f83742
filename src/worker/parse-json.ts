import { parseJson as parse, parseLargeJson as parseLarge } from "../streams/json.ts";
import { ProblemError } from "./problem.ts";

/** @throws ProblemError `invalid-json` */
export function parseJson(json: string): unknown {
  try {
    return parse(json);
  } catch (error) {
    throw invalidJson(error);
  }
}

/** The same for a body of megabytes. @throws ProblemError `invalid-json` */
export async function parseLargeJson(json: string): Promise<unknown> {
  try {
    return await parseLarge(json);
  } catch (error) {
    throw invalidJson(error);
  }
}

function invalidJson(error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error;
  return new ProblemError({
    status: 400,
    code: "invalid-json",
    title: "The body is not JSON",
    detail: `Cannot read the request: ${error.message}`,
  });
}
