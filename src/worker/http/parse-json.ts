import { parseJson, parseLargeJson } from "../../streams/json.ts";
import { ProblemError } from "./problem.ts";

/** @throws {ProblemError} `invalid-json` */
export function parseRequestJson(json: string): unknown {
  try {
    return parseJson(json);
  } catch (error) {
    throw invalidJson(error);
  }
}

/** Maximum number of members of a request's object, because the schema's error lists all unknown ones. */
const MAX_MEMBERS = 100;

/** Like `parseRequestJson`, for a body of megabytes. @throws {ProblemError} `invalid-json` */
export async function parseLargeRequestJson(json: string): Promise<unknown> {
  const value = await parseLargeJson(json).catch((error) => {
    throw invalidJson(error);
  });
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || Object.keys(value).length <= MAX_MEMBERS) return value;
  throw new ProblemError("invalid-request", {
    detail: `Cannot read the request: its object has more than ${MAX_MEMBERS} members`,
  });
}

function invalidJson(error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error;
  return new ProblemError("invalid-json", {
    detail: `Cannot read the request: ${error.message}`,
  });
}
