import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { BakeLimitError } from "../budget.ts";
import { BakeError } from "../error.ts";
import { checkElements } from "./check.ts";
import { interpolate } from "./interpolate.ts";
import { isYamlMap, type Yaml, type YamlMap } from "./yaml-value.ts";

export interface ComposeOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** Reads a file that another file refers to. @throws {Error} when it does not exist */
  readFile(path: string): string;
  warn(message: string): void;
}

/** Maximum number of nodes that the aliases of a file may add. */
const MAX_ALIASES = 1000;
/** Maximum number of characters of all texts of a file after interpolation. */
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
  const missing = new Set<string>();
  let characters = 0;
  interpolateNode(document.contents, (value, offset) => {
    try {
      const replaced = interpolate(value, options.environment, (name) => missing.add(name));
      characters += replaced.length;
      if (characters > MAX_CHARACTERS)
        throw new BakeLimitError(`The file has more than ${MAX_CHARACTERS} characters after interpolation`);
      return replaced;
    } catch (cause) {
      if (cause instanceof BakeError) throw new BakeError(cause.message, at(offset));
      throw cause;
    }
  });
  for (const name of missing) options.warn(`The variable "${name}" is not set: an empty string replaces it`);
  let value: Yaml;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES }) as Yaml;
  } catch (cause) {
    throw new BakeError((cause as Error).message, { file, line: 1, column: 1 });
  }
  if (!isYamlMap(value))
    throw new BakeError("A compose file must be a mapping with services", { file, line: 1, column: 1 });
  checkElements(value, file, options.warn);
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
    throw new BakeError(
      "A compose file may contain only mappings, lists, strings, numbers, booleans and null",
    );
}

/** `${DEBUG}` without quotes may be a boolean. */
function plainValue(text: string): string | boolean {
  return text === "true" || text === "false" ? text === "true" : text;
}
