import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { RunningServer } from "./start-server.ts";

/** How fast a server answered a second client meanwhile. */
export interface Pulse {
  /** Milliseconds of the slowest answer, without those in which other programs had the CPU. */
  slowest: number;
  answers: number;
}

/** Sends `GET /healthz` to a server again and again while some work runs. */
export async function pulseWhile<T>(
  { url, process }: RunningServer,
  work: () => Promise<T>,
): Promise<{ result: T; pulse: Pulse }> {
  const runtime = process.descendants.find((pid) => /\/workerd\0/.test(commandOf(pid)));
  const thread = new Worker(join(import.meta.dirname, "pulse-thread.ts"), {
    workerData: { url: `${url}/healthz`, interval: 10, server: process.child.pid, runtime },
  });
  const failed = once(thread, "error").then(([error]) => Promise.reject(error));
  try {
    const result = await Promise.race([work(), failed]);
    const ended = once(thread, "message");
    thread.postMessage("stop");
    const [times] = (await Promise.race([ended, failed])) as [number[]];
    return { result, pulse: { slowest: Math.round(Math.max(...times)), answers: times.length } };
  } finally {
    await thread.terminate();
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8");
}
