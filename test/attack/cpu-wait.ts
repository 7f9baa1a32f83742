import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds for which threads were ready to run and had no CPU, by thread. */
type CpuWaits = ReadonlyMap<string, number>;

/** Reads the waits of the thread that calls, of all threads of the server's program, and of the runtime's main thread. */
export function readCpuWaits(server: number, runtime: number): CpuWaits {
  const threads = readdirSync(`/proc/${server}/task`).map((thread) => `/proc/${server}/task/${thread}`);
  return new Map(["/proc/thread-self", `/proc/${runtime}`, ...threads].map((path) => [path, waitOf(path)]));
}

function waitOf(path: string): number {
  try {
    const [, waited] = readFileSync(`${path}/schedstat`, "utf8").split(" ");
    return Number(waited) / 1e6;
  } catch {
    // The thread has ended, or the kernel does not count.
    return 0;
  }
}

/**
 * Milliseconds for which a request of this thread waited for a CPU: in this program, in the front (a thread of the
 * server's program), and in the runtime. Other programs cause these waits.
 */
export function waitedBetween(before: CpuWaits, after: CpuWaits): number {
  let own = 0;
  let front = 0;
  for (const [path, waited] of after) {
    const since = waited - (before.get(path) ?? 0);
    if (path.includes("/task/")) front = Math.max(front, since);
    else own += since;
  }
  return own + front;
}
