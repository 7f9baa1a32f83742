import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { HEAP_FLAG } from "./heap-flag.ts";

const program = beside("runner-program");

/** The command that runs `runner-program`. */
export const runnerProgramWords: readonly string[] = [process.execPath, HEAP_FLAG, program];

/** The command that runs `port-program`. */
export const portProgramWords: readonly string[] = [process.execPath, beside("port-program")];

/** Path of a program beside this file, in source and in the package. */
function beside(name: string): string {
  const extension = extname(new URL(import.meta.url).pathname);
  return fileURLToPath(new URL(`./${name}${extension}`, import.meta.url).href);
}

export function hasRunnerProgram(): boolean {
  return existsSync(program);
}
