import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** How a server answered a second client meanwhile. */
export interface Pulse {
  /** Milliseconds of the slowest answer. */
  slowest: number;
  answers: number;
}

/** Asks a server for `GET /healthz` again and again while some work runs. */
export async function pulseWhile<T>(
  server: string,
  work: () => Promise<T>,
): Promise<{ result: T; pulse: Pulse }> {
  const thread = new Worker(join(import.meta.dirname, "pulse-thread.ts"), {
    workerData: { url: `${server}/healthz`, interval: 10 },
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
