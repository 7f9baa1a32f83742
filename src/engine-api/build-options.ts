import { parseJson } from "../streams/json.ts";
import { EngineError } from "./engine-error.ts";

/** Error message for docker clients that build with BuildKit, their default. */
export const BUILDKIT_ADVICE =
  "BuildKit's protocol is not supported: set DOCKER_BUILDKIT=0 for docker build, or use varve build, which has the same flags";

/** Parameters with the same meaning in varve's API. */
const SAME = [
  "dockerfile",
  "target",
  "platform",
  "networkmode",
  "ulimits",
  "shmsize",
  "cgroupparent",
] as const;
const FLAGS = ["nocache", "pull"] as const;
/** Parameters that may be repeated. */
const LISTS = ["t", "extrahosts"] as const;

/**
 * Converts the query of docker's `POST /build` to that of varve's `POST /v1/builds`. Limits of memory and processors have no
 * effect, because the runner sets them.
 *
 * @throws {EngineError} for options that would change the image and are not supported
 */
export function convertBuildQuery(query: URLSearchParams): URLSearchParams {
  if (query.get("version") === "2") {
    throw new EngineError(400, BUILDKIT_ADVICE);
  }
  if (query.get("remote")) {
    throw new EngineError(400, "A remote build context is not supported: send the context as a tar");
  }
  if (isSet(query.get("squash"))) throw new EngineError(400, "Squashing layers is not supported");
  if (!["", "[]", "null"].includes(query.get("outputs") ?? "")) {
    throw new EngineError(400, "Outputs are not supported: pull the image from this server's registry");
  }
  const result = new URLSearchParams();
  for (const name of LISTS) for (const value of query.getAll(name)) result.append(name, value);
  for (const name of SAME) {
    const value = query.get(name);
    if (value) result.set(name, value);
  }
  for (const name of FLAGS) if (isSet(query.get(name))) result.set(name, "1");
  for (const name of ["buildargs", "labels"]) {
    const values = readMap(name, query.get(name) ?? "");
    if (values !== undefined) result.set(name, JSON.stringify(values));
  }
  return result;
}

function isSet(value: string | null): boolean {
  return value !== null && !["", "0", "false", "False", "no", "none"].includes(value);
}

/** Parses a JSON object of strings. Leaves out null: a build argument without a value. */
function readMap(name: string, json: string): Record<string, string> | undefined {
  if (json === "" || json === "null") return undefined;
  let values: unknown;
  try {
    values = parseJson(json);
  } catch {
    throw new EngineError(400, `The parameter ${name} is not JSON`);
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new EngineError(400, `The parameter ${name} is not a JSON object`);
  }
  const entries = Object.entries(values).filter(([, value]) => value !== null);
  const wrong = entries.find(([, value]) => typeof value !== "string");
  if (wrong !== undefined)
    throw new EngineError(400, `In the parameter ${name}, the value of ${wrong[0]} is not a string`);
  return Object.fromEntries(entries);
}
