import { parseJson } from "../streams/json.ts";
import { EngineError } from "./engine-error.ts";

/** What to do when docker's client builds with BuildKit, its default. */
export const BUILDKIT_ADVICE =
  "BuildKit's protocol is not supported: set DOCKER_BUILDKIT=0 for docker build, or build with varve build, which takes the same flags";

/** Parameters that mean the same here. */
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
/** Those that may be repeated. */
const LISTS = ["t", "extrahosts"] as const;

/**
 * The query of `POST /build` as that of a build here. Limits of memory and processors, which are the runner's, have no
 * effect.
 *
 * @throws EngineError for what would give another image
 */
export function buildQueryOf(query: URLSearchParams): URLSearchParams {
  if (query.get("version") === "2") {
    throw new EngineError(400, BUILDKIT_ADVICE);
  }
  if (query.get("remote")) {
    throw new EngineError(400, "A remote build context is not supported: send the context as a tar");
  }
  if (isSet(query.get("squash"))) throw new EngineError(400, "Squashing layers is not supported");
  if (!["", "[]", "null"].includes(query.get("outputs") ?? "")) {
    throw new EngineError(400, "Outputs are not supported: take the image from the registry of this server");
  }
  const asked = new URLSearchParams();
  for (const name of LISTS) for (const value of query.getAll(name)) asked.append(name, value);
  for (const name of SAME) {
    const value = query.get(name);
    if (value) asked.set(name, value);
  }
  for (const name of FLAGS) if (isSet(query.get(name))) asked.set(name, "1");
  for (const name of ["buildargs", "labels"]) {
    const values = readMap(name, query.get(name) ?? "");
    if (values !== undefined) asked.set(name, JSON.stringify(values));
  }
  return asked;
}

function isSet(value: string | null): boolean {
  return value !== null && !["", "0", "false", "False", "no", "none"].includes(value);
}

/** A JSON object of texts; those that are null, as build arguments without a value, are left out. */
function readMap(name: string, json: string): Record<string, string> | undefined {
  if (json === "" || json === "null") return undefined;
  let values: unknown;
  try {
    values = parseJson(json);
  } catch {
    throw new EngineError(400, `The parameter ${name} is not JSON`);
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new EngineError(400, `The parameter ${name} is no JSON object`);
  }
  const entries = Object.entries(values).filter(([, value]) => value !== null);
  const wrong = entries.find(([, value]) => typeof value !== "string");
  if (wrong !== undefined) throw new EngineError(400, `The parameter ${name} has no text for ${wrong[0]}`);
  return Object.fromEntries(entries);
}
