import type { ImageSummary } from "../../schemas/images.ts";
import { EngineError } from "./engine-error.ts";

/** Values by the name of a filter. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * Filters of the Engine API: `{"label":["a=b"]}`, or as old clients write it `{"label":{"a=b":true}}`.
 * @throws EngineError for one that is not among `known`
 */
export function readFilters(json: string | null, known: readonly string[]): Filters {
  if (json === null || json === "") return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new EngineError(400, "The filters are not JSON");
  }
  const filters = new Map<string, string[]>();
  for (const [name, values] of Object.entries(parsed ?? {})) {
    if (!known.includes(name)) throw new EngineError(400, `invalid filter '${name}'`);
    const list = Array.isArray(values)
      ? values
      : Object.entries(values ?? {}).flatMap(([value, on]) => (on ? value : []));
    filters.set(name, list.map(String));
  }
  return filters;
}

/** Whether an image passes: every filter, and of a filter any value; of labels all. */
export function passes(image: ImageSummary, filters: Filters): boolean {
  const { name, tag, labels = {} } = image;
  const dangling = filters.get("dangling")?.some((value) => value === "true" || value === "1");
  if (filters.has("dangling") && dangling !== (tag === undefined)) return false;
  const references = filters.get("reference");
  if (references !== undefined && !references.some((pattern) => matchesReference(pattern, name, tag)))
    return false;
  return (filters.get("label") ?? []).every((label) => {
    const [key = "", ...value] = label.split("=");
    return value.length === 0 ? Object.hasOwn(labels, key) : labels[key] === value.join("=");
  });
}

/** As Go's `path.Match`, against the name and against the name with the tag. */
function matchesReference(pattern: string, name: string, tag: string | undefined): boolean {
  const source = pattern
    .split("")
    .map((character) => {
      if (character === "*") return "[^/]*";
      return character === "?" ? "[^/]" : character.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  const expression = new RegExp(`^${source}$`);
  return expression.test(name) || (tag !== undefined && expression.test(`${name}:${tag}`));
}
