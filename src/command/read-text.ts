import { readFileSync } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { fileReason } from "../runner/files/file-reason.ts";
import { CommandError } from "./command-error.ts";

/**
 * The text of a file; undefined when it does not exist.
 * @throws {CommandError} when it cannot be read
 */
export function readTextIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError(`Cannot read ${path}: ${fileReason(error)}`);
  }
}

/** The standard input. When the signal aborts, reading fails, also while it waits for input. */
export function standardInput(signal: AbortSignal | undefined): Readable {
  return signal === undefined ? process.stdin : addAbortSignal(signal, process.stdin);
}
