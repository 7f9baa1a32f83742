import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { readCpuWaits, waitedBetween } from "./cpu-wait.ts";

// A second client in a separate thread: the test's work does not delay its clock. `start` begins a measurement, `stop`
// ends it and is answered with the times.

const { url, interval, server, runtime } = workerData as {
  url: string;
  interval: number;
  server: number;
  runtime: number;
};
let isRunning = false;

/** Milliseconds until the answer, without those in which other programs had the CPU. */
function beat(agent: Agent): Promise<number> {
  const waits = readCpuWaits(server, runtime);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer.resume().on("end", () => {
        const took = performance.now() - began - waitedBetween(waits, readCpuWaits(server, runtime));
        resolve(answer.statusCode === 200 ? Math.max(took, 0) : Infinity);
      });
    }).on("error", reject);
  });
}

async function measure(): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  while (isRunning) {
    times.push(await beat(agent));
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  agent.destroy();
  parentPort?.postMessage(times);
}

parentPort?.on("message", (message: "start" | "stop") => {
  isRunning = message === "start";
  if (isRunning) void measure();
});
