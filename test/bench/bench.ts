import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { Bases } from "./bases.ts";
import { startDaemon } from "./builders/daemon.ts";
import { installCommand } from "./builders/varve.ts";
import type { Bench } from "./compare.ts";
import { measureGrowth } from "./growth/growth.ts";
import { cleanUp } from "./machine/cleanup.ts";
import { FileSystem } from "./machine/file-system.ts";
import { startProxy } from "./network/proxy.ts";
import { matcher, partsOf } from "./parts.ts";
import { stepTable, summarize, summaryTable } from "./report/summary.ts";

// Compares varve with docker on one machine, in one run. See README.md.

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    only: { type: "string" },
    builder: { type: "string" },
    rounds: { type: "string", default: "3" },
    json: { type: "string" },
    steps: { type: "boolean", default: false },
    profile: { type: "string" },
  },
});

const isScenarioWanted = matcher(values.only);
const parts = partsOf(isScenarioWanted, values.profile);
const others = ["growth"];
const wanted = values.part?.split(",") ?? [...Object.keys(parts), ...others];
for (const part of wanted) {
  if (part in parts || others.includes(part)) continue;
  console.error(`--part is one of ${[...Object.keys(parts), ...others].join(", ")}, not ${part}`);
  process.exit(2);
}

await using ends = new AsyncDisposableStack();
const folder = ends.use(temporaryFolder()).path;
ends.use(await FileSystem.mount(`${folder}.ext4`, folder));
ends.defer(cleanUp);
// All temporary files are below it.
process.env.TMPDIR = folder;
let stopping: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stopping = ends.disposeAsync();
    stopping.finally(() => process.exit(130));
  });
}
const command = await installCommand(join(folder, "command"));
const daemon = ends.use(await startDaemon(join(folder, "docker")));
const proxy = ends.use(await startProxy(daemon.gateway));
const bench: Bench = {
  folder,
  command,
  rounds: Number(values.rounds),
  daemon,
  proxy,
  bases: new Bases(daemon, proxy),
  isWanted: matcher(values.builder),
  log: (text) => console.error(text),
  fail(scenario, error) {
    // Results after a stop are meaningless.
    if (stopping !== undefined) throw error;
    console.error(`Cannot measure ${scenario}:`, error);
    process.exitCode = 1;
  },
};

const results: Record<string, unknown> = {};
const save = async () => {
  if (values.json === undefined) return;
  await writeFile(
    values.json,
    `${JSON.stringify({ machine: await machine(), rounds: bench.rounds, parts: results }, null, 2)}\n`,
  );
};
try {
  for (const part of wanted) await measurePart(part);
} catch (error) {
  if (stopping === undefined) throw error;
  await stopping;
}

async function measurePart(part: string): Promise<void> {
  const measure = parts[part];
  if (measure === undefined) {
    results[part] = await measureGrowth(bench, isScenarioWanted);
  } else {
    const comparisons = await measure(bench);
    const summaries = comparisons.flatMap(summarize);
    results[part] = { summaries, comparisons };
    if (summaries.length > 0) console.log(`\n## ${part}\n\n${summaryTable(summaries)}`);
    if (values.steps) console.log(`\n${stepTable(comparisons)}`);
  }
  await save();
}

async function machine(): Promise<Record<string, string | number>> {
  const { stdout } = await daemon.docker(["version", "--format", "{{.Server.Version}}"]);
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "",
    memory: totalmem(),
    kernel: release(),
    docker: stdout.trim(),
    node: process.version,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    }).trim(),
    date: new Date().toISOString(),
  };
}
