import { readFileSync } from "node:fs";
import { CommandError, UsageError } from "../../command/command-error.ts";
import { splitKeyValue } from "../../streams/cut.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables of a container. Given variables take precedence over those of files, and these over the image's. A name
 * without a value has the value in `own`; if it has none there, the variable is removed, as in docker.
 * @throws {CommandError | UsageError} with docker's words
 */
export function readEnvironment(
  image: readonly string[],
  { env, files, own }: { env: readonly string[]; files: readonly string[]; own: Environment },
): [name: string, value: string][] {
  const all = new Map(image.map(splitKeyValue));
  for (const line of [...files.flatMap((path) => linesOf(path)), ...env]) {
    const [name, value] = splitKeyValue(line);
    if (name === "") throw new UsageError(`invalid environment variable: ${line}`);
    const settled = line.includes("=") ? value : own[name];
    if (settled === undefined) all.delete(name);
    else all.set(name, settled);
  }
  return [...all];
}

function linesOf(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new CommandError(`open ${path}: no such file or directory`);
  }
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name] = splitKeyValue(line);
      if (name === "")
        throw new CommandError(`invalid env file (${path}): no variable name on line '${line}'`);
      if (/\s/.test(name))
        throw new CommandError(`invalid env file (${path}): variable '${name}' contains whitespaces`);
      return line;
    });
}
