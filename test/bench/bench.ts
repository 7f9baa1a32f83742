import { appendFile, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { type Builder, startDocker, startVarve, startVarveCommand } from "./builder.ts";
import { writeContext } from "./make-context.ts";
import { compareRegistries } from "./registries.ts";
import { compareRun } from "./run-steps.ts";
import { median, table } from "./table.ts";

// Times varve beside docker on one machine, in one run. See README.md.

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    part: { type: "string" },
  },
});

const starts: Record<string, () => Promise<Builder>> = {
  docker: startDocker,
  "varve build": startVarveCommand,
  "tar | curl": startVarve,
};
const names = Object.keys(starts).filter((name) => values.only === undefined || values.only === name);

/** A file of the big layer that every context has, in the middle of its tree. */
const BIG_LAYER_FILE = "node_modules/fonts-pack/files/fonts.woff2";

/** What is done to the context before each build of a round. */
const steps: { name: string; change?: string }[] = [
  { name: "cold build until pullable" },
  { name: "one changed source file", change: "src/server.js" },
  { name: "nothing changed" },
  { name: "one changed file inside the big layer", change: BIG_LAYER_FILE },
];

const folder = await mkdtemp(join(tmpdir(), "varve-bench-"));
let context = join(folder, "context");

/** One builder through all the steps; seconds for each. */
async function round(start: () => Promise<Builder>, number: number): Promise<number[]> {
  // Under a name that no builder has seen.
  const renamed = join(folder, `context-${process.pid}-${number}`);
  await rename(context, renamed);
  context = renamed;
  await using builder = await start();
  const seconds: number[] = [];
  for (const { change } of steps) {
    if (change !== undefined) await appendFile(join(context, change), `// ${Date.now()}\n`);
    const begun = performance.now();
    await builder.build(context);
    seconds.push((performance.now() - begun) / 1000);
  }
  return seconds;
}

async function compareSpeed(): Promise<void> {
  const { files, bytes } = writeContext(context);
  console.log(`Context: ${files} files, ${(bytes / 1e6).toFixed(0)} MB`);
  const rounds: Record<string, number[][]> = Object.fromEntries(names.map((name) => [name, []]));
  let number = 0;
  for (let count = 0; count < Number(values.rounds); count += 1) {
    for (const name of names) {
      const start = starts[name];
      if (start === undefined) continue;
      number += 1;
      const seconds = await round(start, number);
      rounds[name]?.push(seconds);
      console.log(`${name}: ${seconds.map((value) => value.toFixed(2)).join("  ")}`);
    }
  }
  const rows = steps.map(({ name }, step) => {
    const [first = Number.NaN, ...others] = names.map((builder) => {
      return median((rounds[builder] ?? []).map((seconds) => seconds[step] ?? Number.NaN));
    });
    return [
      name,
      ...[first, ...others].map((value) => `${value.toFixed(2)} s`),
      ...others.map((value) => (value / first).toFixed(2)),
    ];
  });
  const ratio = names.slice(1).map((name) => `${name}: ratio`);
  console.log(`\n${table([["median", ...names, ...ratio], ...rows])}`);
}

/** Builds a context of more than 2 GiB and reports the most memory the server had. */
async function measureMemory(): Promise<void> {
  const { files, bytes } = writeContext(context, 6);
  await using builder = await startVarve();
  const begun = performance.now();
  await builder.build(context);
  const seconds = (performance.now() - begun) / 1000;
  const peak = (await builder.peakMemory?.()) ?? Number.NaN;
  console.log(
    `Peak memory over ${files} files, ${(bytes / 2 ** 30).toFixed(2)} GiB: ${(peak / 2 ** 20).toFixed(0)} MiB in ${seconds.toFixed(1)} s`,
  );
}

const parts: Record<string, () => Promise<void>> = {
  context: compareSpeed,
  run: () => compareRun(folder, Number(values.rounds)),
  registry: () => compareRegistries(folder, Number(values.rounds)),
  memory: measureMemory,
};
/** Without being asked, all but the one that compares nothing. */
const wanted = values.part === undefined ? ["context", "run", "registry"] : [values.part];

try {
  for (const part of wanted) {
    const measure = parts[part];
    if (measure === undefined) throw new Error(`--part is one of ${Object.keys(parts).join(", ")}`);
    await measure();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
