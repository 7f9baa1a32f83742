import { closeSync, constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
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

/** Descriptors of both ends of a pipe. */
interface Ends {
  read: number;
  write: number;
}

/** Pipes that one mkfifo(1) makes: starting a program takes milliseconds. */
const AT_ONCE = 8;
/** Pipes without a name that nothing uses yet. */
const spare: Ends[] = [];

/**
 * Opens two kernel pipes, for standard output and standard error. Node's own are sockets, and a process cannot open a
 * socket through `/dev/stdout`, as servers do for their logs.
 * @throws {Error} when pipes cannot be made
 */
export async function openOutputPipes(): Promise<[stdout: OutputPipe, stderr: OutputPipe]> {
  while (spare.length < 2) spare.push(...(await makePipes()));
  const [stdout, stderr] = spare.splice(0, 2) as [Ends, Ends];
  return [outputPipe(stdout), outputPipe(stderr)];
}

async function makePipes(): Promise<Ends[]> {
  const folder = await mkdtemp(join(tmpdir(), "varve-pipes-"));
  try {
    const paths = Array.from({ length: AT_ONCE }, (_, index) => join(folder, String(index)));
    // The process may reopen it as any user. Other processes cannot, because of the folder and because the name is removed.
    await runProgram("mkfifo", ["-m", "666", ...paths]);
    return paths.map((path) => ({
      read: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
      write: openSync(path, constants.O_WRONLY),
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function outputPipe({ read, write }: Ends): OutputPipe {
  return { read: new Socket({ fd: read, readable: true, writable: false }), write };
}

/** Closes this program's copies of the descriptors for the process. */
export function closeWriteEnds(pipes: readonly OutputPipe[]): void {
  for (const { write } of pipes) closeSync(write);
}
