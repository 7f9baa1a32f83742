import { cut } from "../../streams/cut.ts";

/** A value of a compose file. */
export type Yaml = null | boolean | number | string | Yaml[] | { [key: string]: Yaml };
export type YamlMap = { [key: string]: Yaml };

export function isYamlMap(value: Yaml | undefined): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Members that may be lists or maps: `[A=1]` is `{A: 1}`. */
const PAIRS: ReadonlySet<string> = new Set([
  "additional_contexts",
  "annotations",
  "args",
  "environment",
  "labels",
]);
/** Lists that a later file replaces instead of extending them. */
const REPLACED: ReadonlySet<string> = new Set(["command", "entrypoint", "test"]);

/** Merges the second file over the first (compose-spec, 13-merge.md). */
export function mergeYaml(under: Yaml | undefined, over: Yaml | undefined, name = ""): Yaml {
  if (over === undefined || (over === null && under !== undefined)) return under ?? null;
  if (under === undefined || under === null) return over;
  if (name === "build") return mergeMaps(buildMap(under), buildMap(over));
  if (PAIRS.has(name)) return mergeMaps(pairs(under), pairs(over));
  if (isYamlMap(under) && isYamlMap(over)) return mergeMaps(under, over);
  if (Array.isArray(under) && Array.isArray(over) && !REPLACED.has(name)) {
    const texts = new Set(over.map((item) => JSON.stringify(item)));
    return [...under.filter((item) => !texts.has(JSON.stringify(item))), ...over];
  }
  return over;
}

function mergeMaps(under: YamlMap, over: YamlMap): YamlMap {
  const merged: YamlMap = { ...under };
  for (const [key, value] of Object.entries(over)) {
    Object.defineProperty(merged, key, {
      value: mergeYaml(own(under, key), value, key),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return merged;
}

export function own(map: YamlMap, key: string): Yaml | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** `build: ./dir` is short for a context. */
export function buildMap(build: Yaml): YamlMap {
  return isYamlMap(build) ? build : { context: build };
}

/** A map, or a list of `NAME=VALUE` and `NAME`; a name alone has the value null. */
export function pairs(value: Yaml | undefined): YamlMap {
  if (isYamlMap(value)) return value;
  const entries = (Array.isArray(value) ? value : []).map((item): [string, Yaml] => {
    const [key, text = null] = cut(String(item), "=");
    return [key, text];
  });
  return Object.fromEntries(entries);
}

/** Whether a path is relative to the folder of its file, not absolute and no URL. */
export function isLocalPath(path: Yaml | undefined): path is string {
  return (
    typeof path === "string" &&
    !path.startsWith("/") &&
    !/^[\w.+-]+:/.test(path) &&
    !path.startsWith("github.com/")
  );
}
