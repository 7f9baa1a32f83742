import { parseArgs } from "node:util";
import { type LargePrune, pruneLargeStore } from "./large-store.ts";

// Runs the collector on large stores and prints operations, memory and time:
// node --expose-gc test/garbage/simulate.ts [--blobs 100000,300000]

const { values } = parseArgs({ options: { blobs: { type: "string", default: "20000,60000,180000" } } });

const names = { first: "old store", unchanged: "unchanged", changed: "1 % changed" } as const;

for (const blobs of values.blobs.split(",").map(Number)) {
  const runs = await pruneLargeStore(blobs);
  for (const [run, name] of Object.entries(names)) print(blobs, name, runs[run as keyof typeof names]);
}

function print(blobs: number, name: string, run: LargePrune): void {
  console.log(
    [
      String(blobs).padStart(8),
      name.padEnd(12),
      `${run.operations} operations`,
      `${run.most} in one step`,
      `${run.steps} steps`,
      `${Math.round((run.heap ?? 0) / 2 ** 20)} MiB live`,
      `${run.seconds.toFixed(1)} s`,
      `${run.cpuSeconds.toFixed(1)} s of CPU`,
      JSON.stringify(run.removed),
    ].join(" · "),
  );
}
