import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { runCommand } from "./command.ts";

/** What a process writes and this program reads. */
export interface OutputPipe {
  /** Ends when every process that has the other end is gone. */
  read: Readable;
  /** The descriptor for the process; to be closed here once it has it. */
  write: number;
}

const NAMES: readonly string[] = ["stdout", "stderr"];

/**
 * Two pipes of the kernel, for standard output and standard error. Node's own are sockets, and a process that opens
 * `/dev/stdout` by its name, as servers do with their logs, cannot open a socket.
 * @param folder an empty place for their names, which are gone when this returns
 * @throws {CommandError} when pipes cannot be made
 */
export async function openOutputPipes(folder: string): Promise<[stdout: OutputPipe, stderr: OutputPipe]> {
  const paths = NAMES.map((name) => join(folder, `pipe-${name}`)) as [string, string];
  // Whoever the process runs as may open it again; without a name nobody else can.
  await runCommand("mkfifo", ["-m", "666", ...paths]);
  const [stdout, stderr] = paths.map(openPipe) as [OutputPipe, OutputPipe];
  return [stdout, stderr];
}

function openPipe(path: string): OutputPipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  return { read: new Socket({ fd, readable: true, writable: false }), write };
}

/** Leaves the other ends to the process. */
export function handOver(pipes: readonly OutputPipe[]): void {
  for (const { write } of pipes) closeSync(write);
}
