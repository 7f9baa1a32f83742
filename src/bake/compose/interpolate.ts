import { BakeError } from "../error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces variables in a text of a compose file (compose-spec, 12-interpolation.md): `$NAME`, `${NAME}` and `${NAME:-default}`,
 * `:?error`, `:+replacement`, each also without the colon. `$$` is a dollar sign.
 * @param missing receives names of variables that are not set and have no default
 * @throws {BakeError}
 */
export function interpolate(text: string, environment: Environment, missing: (name: string) => void): string {
  let result = "";
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const next = text[dollar + 1] ?? "";
    if (next === "$") {
      result += "$";
      at = dollar + 2;
    } else if (next === "{") {
      const end = closingBrace(text, dollar + 2);
      result += braced(text.slice(dollar + 2, end), environment, missing);
      at = end + 1;
    } else {
      const [name] = /^[A-Za-z_]\w*/.exec(text.slice(dollar + 1)) ?? [];
      if (name === undefined)
        throw new BakeError(`invalid interpolation format: ${JSON.stringify(text)}; a dollar sign is $$`);
      if (environment[name] === undefined) missing(name);
      result += environment[name] ?? "";
      at = dollar + 1 + name.length;
    }
  }
  return result;
}

function closingBrace(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith("${", at)) depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  throw new BakeError(`invalid interpolation format: ${JSON.stringify(text)}; "\${" has no end`);
}

function braced(text: string, environment: Environment, missing: (name: string) => void): string {
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
  const pattern =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*[=:][ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\r\n]*?))[ \t]*(?:[ \t]#[^\r\n]*)?$/gm;
  for (const [, name = "", single, double, bare = ""] of text.matchAll(pattern)) {
    const known = { ...variables, ...environment };
    const plain = double?.replace(/\\([nrt"\\$])/g, (_, letter: string) =>
      letter === "$" ? "$$" : (ESCAPES[letter] ?? letter),
    );
    variables[name] = single ?? interpolate(plain ?? (bare.startsWith("#") ? "" : bare), known, () => {});
  }
  return variables;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
