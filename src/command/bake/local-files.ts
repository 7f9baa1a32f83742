import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { requireSize, withinLimits } from "../../bake/budget.ts";
import { readDotEnv } from "../../bake/compose/interpolate.ts";
import { BakeError } from "../../bake/error.ts";
import { type BakeFile, type BakeOptions, defaultFiles } from "../../bake/read.ts";
import { nativePlatform } from "../../runner/sandbox/platforms.ts";
import { CommandError } from "../command-error.ts";
import { readTextIfExists, standardInput } from "../read-text.ts";
import type { BakeRights } from "./rights.ts";

/**
 * Reads bake files of this machine.
 * @param rights what files may read that they name
 * @throws {CommandError} when `.env` cannot be read
 */
export function bakeOptions(
  environment: NodeJS.ProcessEnv,
  rights: BakeRights,
  warn: (message: string) => void,
): BakeOptions {
  const dotEnv = readTextIfExists(".env");
  const settings = dotEnv === undefined ? {} : readSettings(dotEnv, environment);
  return {
    environment,
    composeEnvironment: { ...settings, ...environment },
    localPlatform: nativePlatform(),
    now: new Date(),
    readFile(path) {
      if (!rights.mayRead(path))
        throw new Error(`it is outside of this folder; if you trust the files, add --allow fs.read=${path}`);
      return readFileSync(path, "utf8");
    },
    warn,
  };
}

/**
 * The files that are named, or those of the default names that exist.
 * @param signal ends waiting for standard input
 * @throws {CommandError} when there is none
 */
export async function readLocalFiles(names: readonly string[], signal?: AbortSignal): Promise<BakeFile[]> {
  if (names.length === 0) {
    const found = defaultFiles.flatMap((name) => {
      const text = readTextIfExists(name);
      return text === undefined ? [] : [{ name, text }];
    });
    if (found.length > 0) return found;
    throw new CommandError(
      "couldn't find a bake definition",
      `Set --file. The default files are: ${defaultFiles.join(", ")}.`,
    );
  }
  const files: BakeFile[] = [];
  for (const given of names) {
    const name = given.replace(/^cwd:\/\//, "");
    const found = name === "-" ? await text(standardInput(signal)) : readTextIfExists(name);
    if (found === undefined) throw new CommandError(`Cannot read ${name}: no such file`);
    files.push({ name, text: found });
  }
  return files;
}

/** @throws {CommandError} */
function readSettings(text: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  try {
    requireSize(".env", text);
    return withinLimits(() => readDotEnv(text, environment));
  } catch (error) {
    throw error instanceof BakeError ? new CommandError(`.env: ${error.message}`) : error;
  }
}
