import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Beside this file, in source and in the package. */
const program = fileURLToPath(
  new URL(`./runner-program${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href,
);

/** The command that runs `runner-program`. */
export const runnerProgramWords: readonly string[] = [process.execPath, program];

export function hasRunnerProgram(): boolean {
  return existsSync(program);
}
