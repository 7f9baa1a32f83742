import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

// A second client on a thread of its own: the test's work does not delay its clock.

const { url, interval } = workerData as { url: string; interval: number };
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let isRunning = true;
parentPort?.once("message", () => {
  isRunning = false;
});

function beat(): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer
        .resume()
        .on("end", () => resolve(answer.statusCode === 200 ? performance.now() - began : Infinity));
    }).on("error", reject);
  });
}

const times: number[] = [];
while (isRunning) {
  times.push(await beat());
  await new Promise((resolve) => setTimeout(resolve, interval));
}
agent.destroy();
parentPort?.postMessage(times);
