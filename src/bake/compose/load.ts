import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { BakeLimitError } from "../budget.ts";
import { BakeError } from "../error.ts";
import { requireElement } from "./check.ts";
import { interpolate } from "./interpolate.ts";
import { isYamlMap, own, type Yaml, type YamlMap } from "./yaml-map.ts";

export interface ComposeOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** Reads a file that another one names. @throws {Error} when there is none */
  readFile(path: string): string;
  warn(message: string): void;
}

/** Most nodes that aliases may make of a file. */
const MAX_ALIASES = 1000;
/** Characters of all texts of a file after interpolation. */
const MAX_CHARACTERS = 16 * 2 ** 20;

/** Parses a compose file and replaces variables in it. @throws {BakeError} */
export function parseCompose(text: string, file: string, options: ComposeOptions): YamlMap {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    merge: true,
    lineCounter: lines,
    maxAliasCount: MAX_ALIASES,
  } as object);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const [line = ""] = error.message.split("\n");
    throw new BakeError(line.split(" at line", 1)[0] ?? "", at(error.pos[0]));
  }
  const atFault = <T>(offset: number, act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      if (cause instanceof BakeError) throw new BakeError(cause.message, at(offset));
      throw cause;
    }
  };
  for (const { key } of isMap(document.contents) ? document.contents.items : [])
    if (isScalar(key) && typeof key.value === "string" && key.value !== "<<")
      atFault(key.range?.[0] ?? 0, () => requireElement(String(key.value)));
  const missing = new Set<string>();
  let characters = 0;
  interpolateNode(document.contents, (value, offset) =>
    atFault(offset, () => {
      const replaced = interpolate(value, options.environment, (name) => missing.add(name));
      characters += replaced.length;
      if (characters > MAX_CHARACTERS)
        throw new BakeLimitError(`The file has more than ${MAX_CHARACTERS} characters after interpolation`);
      return replaced;
    }),
  );
  for (const name of missing) options.warn(`The variable "${name}" is not set: it is replaced by nothing`);
  let value: Yaml;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES }) as Yaml;
  } catch (cause) {
    throw new BakeError((cause as Error).message, { file, line: 1, column: 1 });
  }
  if (!isYamlMap(value))
    throw new BakeError("A compose file is an object with services", { file, line: 1, column: 1 });
  return value;
}

/** Replaces variables in values, not in keys. */
function interpolateNode(node: ParsedNode | null, replace: (value: string, offset: number) => string): void {
  if (isScalar(node)) {
    if (typeof node.value !== "string") return;
    const text = replace(node.value, node.range[0]);
    if (text !== node.value) node.value = node.type === "PLAIN" ? plainValue(text) : text;
  } else if (isMap(node))
    for (const pair of node.items) interpolateNode(pair.value as ParsedNode | null, replace);
  else if (isSeq(node)) for (const item of node.items) interpolateNode(item as ParsedNode, replace);
  else if (!isAlias(node) && node !== null)
    throw new BakeError("A compose file has only objects, lists and values");
}

/** `${DEBUG}` without quotes may be a boolean. */
function plainValue(text: string): string | boolean {
  return text === "true" || text === "false" ? text === "true" : text;
}

/** Members whose lists name the same things as maps: `[A=1]` is `{A: 1}`. */
const PAIRS: ReadonlySet<string> = new Set([
  "additional_contexts",
  "annotations",
  "args",
  "environment",
  "labels",
]);
/** Lists that another file replaces. */
const REPLACED: ReadonlySet<string> = new Set(["command", "entrypoint", "test"]);

/** The second file over the first (compose-spec, 13-merge.md). */
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

/** `build: ./dir` is short for a context. */
export function buildMap(build: Yaml): YamlMap {
  return isYamlMap(build) ? build : { context: build };
}

/** A map, or a list of `NAME=VALUE` and `NAME`; a name alone has the value null. */
export function pairs(value: Yaml | undefined): YamlMap {
  if (isYamlMap(value)) return value;
  const entries = (Array.isArray(value) ? value : []).map((item): [string, Yaml] => {
    const text = String(item);
    const equals = text.indexOf("=");
    return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
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
