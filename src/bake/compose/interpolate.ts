import { BakeLimitError } from "../budget.ts";
import { BakeError } from "../error.ts";

/** Maximum nesting of `${A:-${B:-…}}`. */
const MAX_DEPTH = 50;
/** Maximum number of characters of a text after interpolation. */
const MAX_CHARACTERS = 2 ** 20;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces variables in a text of a compose file (compose-spec, 12-interpolation.md): `$NAME`, `${NAME}` and `${NAME:-default}`,
 * `:?error`, `:+replacement`, each also without the colon. `$$` is a dollar sign, and so is one before anything else.
 * @param missing receives names of variables that are not set and have no default
 * @throws {BakeError}
 */
export function interpolate(text: string, environment: Environment, missing: (name: string) => void): string {
  let result = "";
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0) return result + text.slice(at);
    if (result.length > MAX_CHARACTERS)
      throw new BakeLimitError(`A text has more than ${MAX_CHARACTERS} characters after interpolation`);
    result += text.slice(at, dollar);
    const next = text[dollar + 1] ?? "";
    if (next === "$") {
      result += "$";
      at = dollar + 2;
    } else if (next === "{") {
      const end = closingBrace(text, dollar + 2);
      result += expandBraced(text.slice(dollar + 2, end), environment, missing);
      at = end + 1;
    } else {
      const [name] = /^[A-Za-z_]\w*/.exec(text.slice(dollar + 1)) ?? [];
      if (name !== undefined && environment[name] === undefined) missing(name);
      result += name === undefined ? "$" : (environment[name] ?? "");
      at = dollar + 1 + (name?.length ?? 0);
    }
  }
  return result;
}

function closingBrace(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith("${", at)) {
      if (++depth > MAX_DEPTH) throw new BakeLimitError("Variables are nested too deeply");
    } else if (text[at] === "}" && --depth === 0) return at;
  }
  throw new BakeError(`invalid interpolation format: ${JSON.stringify(text)}; "\${" has no end`);
}

function expandBraced(text: string, environment: Environment, missing: (name: string) => void): string {
  const [all, name, operator, rest = ""] = /^([A-Za-z_]\w*)(?:(:?[-?+])([\s\S]*))?$/.exec(text) ?? [];
  if (all === undefined || name === undefined)
    throw new BakeError(`invalid interpolation format: "\${${text}}"`);
  const value = environment[name];
  const isSet = operator?.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  const other = () => interpolate(rest, environment, missing);
  switch (operator?.at(-1)) {
    case "-":
      return isSet ? (value ?? "") : other();
    case "+":
      return isSet ? other() : "";
    case "?":
      if (isSet) return value ?? "";
      throw new BakeError(`required variable ${name} is missing a value: ${other()}`);
    default:
      if (value === undefined) missing(name);
      return value ?? "";
  }
}

/** The variables of a file of settings such as `.env`; a value sees earlier ones and `environment`. @throws {BakeError} */
export function readDotEnv(text: string, environment: Environment): Record<string, string> {
  const variables: Record<string, string> = {};
  const known: Record<string, string | undefined> = { ...environment };
  for (const { name, single, double, bare = "" } of dotEnvLines(text)) {
    const plain = double?.replace(/\\([nrt"\\$])/g, (_, letter: string) =>
      letter === "$" ? "$$" : (ESCAPES[letter] ?? letter),
    );
    const value = single ?? interpolate(plain ?? bare, known, () => {});
    setOwn(variables, name, value);
    if (environment[name] === undefined) setOwn(known, name, value);
  }
  return variables;
}

/** Sets an own property, also for a name such as `__proto__`. */
function setOwn(record: Record<string, string | undefined>, name: string, value: string): void {
  Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}

interface DotEnvLine {
  name: string;
  /** In single quotes. */
  single?: string;
  /** In double quotes, with escapes. */
  double?: string;
  bare?: string;
}

const ASSIGNMENT = /[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*[=:][ \t]*/y;

/** The settings of a file. Ignores other lines. A quoted value may have several lines. */
function* dotEnvLines(text: string): Generator<DotEnvLine> {
  for (let at = 0; at < text.length; ) {
    ASSIGNMENT.lastIndex = at;
    const [all, name = ""] = ASSIGNMENT.exec(text) ?? [];
    if (all === undefined) {
      at = endOfLine(text, at) + 1;
      continue;
    }
    const start = at + all.length;
    const quote = text[start] ?? "";
    const end = quote === "'" || quote === '"' ? closingQuote(text, start, quote) : -1;
    if (end < 0) {
      at = endOfLine(text, start);
      yield { name, bare: withoutComment(text.slice(start, at)) };
    } else {
      const value = text.slice(start + 1, end);
      yield quote === "'" ? { name, single: value } : { name, double: value };
      at = endOfLine(text, end);
    }
    at++;
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function closingQuote(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return at;
    if (quote === '"' && text[at] === "\\") at++;
  }
  return -1;
}

/** A comment begins with `#` after a space, or at the beginning. */
function withoutComment(line: string): string {
  for (let at = line.indexOf("#"); at >= 0; at = line.indexOf("#", at + 1))
    if (at === 0 || line[at - 1] === " " || line[at - 1] === "\t") return line.slice(0, at).trim();
  return line.trim();
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
