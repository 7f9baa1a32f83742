import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { runProgram } from "../command.ts";

/** A pipe from a process to this program. */
interface OutputPipe {
  /** Ends when every process with the other end has ended. */
  read: Readable;
  /** Descriptor for the process. Close it here once the process has inherited it. */
  write: number;
}

const NAMES: readonly string[] = ["stdout", "stderr"];

/**
 * Opens two kernel pipes, for standard output and standard error. Node's own are sockets, and a process cannot open a
 * socket through `/dev/stdout`, as servers do for their logs.
 * @param folder for the temporary names of the pipes
 * @throws {Error} when pipes cannot be made
 */
export async function openOutputPipes(folder: string): Promise<[stdout: OutputPipe, stderr: OutputPipe]> {
  const paths = NAMES.map((name) => join(folder, `pipe-${name}`)) as [string, string];
  // The process may reopen it as any user. Other processes cannot, because the name is removed.
  await runProgram("mkfifo", ["-m", "666", ...paths]);
  const [stdout, stderr] = paths.map(openPipe) as [OutputPipe, OutputPipe];
  return [stdout, stderr];
}

function openPipe(path: string): OutputPipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  return { read: new Socket({ fd, readable: true, writable: false }), write };
}

/** Closes this program's copies of the descriptors for the process. */
export function closeWriteEnds(pipes: readonly OutputPipe[]): void {
  for (const { write } of pipes) closeSync(write);
}
