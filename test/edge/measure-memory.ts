import { randomBytes } from "node:crypto";
import { contextOf } from "../attack/build.ts";
import { startLab } from "./lab.ts";
import { LiveMemory } from "./live-memory.ts";

// Prints the memory that concurrent builds have in one isolate: measure-memory.ts [builds] [bytes of each].

const [builds = 8, bytes = 16_000_000] = process.argv.slice(2).map(Number);
await using lab = await startLab({ r2Faults: 0 }, {}, true);
const wake = async () => (await lab.fetch("/healthz")).text();
await using memory = await LiveMemory.connect(await lab.inspector(), "lab", wake);
const print = (what: string, size: number) =>
  console.log(`${what}: ${(size / 1e6).toFixed(1)} MB are reachable`);

print("idle", await memory.sample());
const peak = await memory.during(async () => {
  const answers = Array.from({ length: builds }, async (_, index) => {
    const files = {
      Dockerfile: "FROM scratch\nCOPY . /\n",
      index: String(index),
      random: randomBytes(bytes),
    };
    const init = { method: "POST", body: contextOf(files) };
    const answer = await lab.fetch(`/v1/builds?t=memory/app:${index}`, init);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(text);
  });
  await Promise.all(answers);
}, 500);
print(`${builds} builds`, peak);
print("after them", await memory.sample());
