import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { ServeProcess } from "../serve/serve-process.ts";
import type { RunningServer } from "./start-server.ts";

/** Response times of a second client during the work. */
export interface Pulse {
  /** Milliseconds of the slowest answer, without those in which other programs had the CPU. */
  slowest: number;
  answers: number;
}

/** The second client of each server. Starting one takes longer than many measurements. */
const clients = new WeakMap<ServeProcess, Worker>();

/** Sends `GET /healthz` to a server repeatedly during some work. */
export async function pulseWhile<T>(
  server: RunningServer,
  work: () => Promise<T>,
): Promise<{ result: T; pulse: Pulse }> {
  const client = clients.get(server.process) ?? startClient(server);
  clients.set(server.process, client);
  const controller = new AbortController();
  const failed = once(client, "error", controller).then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  const ended = once(client, "message", controller);
  ended.catch(() => {});
  try {
    client.postMessage("start");
    const result = await Promise.race([work(), failed]);
    client.postMessage("stop");
    const [times] = (await Promise.race([ended, failed])) as [number[]];
    return { result, pulse: { slowest: Math.round(Math.max(...times)), answers: times.length } };
  } catch (error) {
    clients.delete(server.process);
    await client.terminate();
    throw error;
  } finally {
    controller.abort();
  }
}

function startClient({ url, process }: RunningServer): Worker {
  const runtime = process.descendants.find((pid) => /\/workerd\0/.test(commandOf(pid)));
  const client = new Worker(join(import.meta.dirname, "pulse-thread.ts"), {
    workerData: { url: `${url}/healthz`, interval: 10, server: process.child.pid, runtime },
  });
  client.unref();
  return client;
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8");
}
