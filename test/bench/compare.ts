import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDebianRegistry } from "../registry/debian-registry.ts";
import type { Bases } from "./bases.ts";
import type { Builder, BuildOptions, Measurement } from "./builders/builder.ts";
import type { Daemon } from "./builders/daemon.ts";
import { run } from "./machine/program.ts";
import type { CachingProxy, StepAccess } from "./network/proxy.ts";
import type { Scenario } from "./scenario.ts";

/** Settings that all parts of a run share. */
export interface Bench {
  /** Folder for contexts; deleted at the end. */
  folder: string;
  /** Program of varve's installed command. */
  command: string;
  rounds: number;
  daemon: Daemon;
  proxy: CachingProxy;
  bases: Bases;
  /** Accepts the builders to measure, by name. */
  isWanted: (builder: string) => boolean;
  log: (text: string) => void;
  /** Reports a scenario that cannot be measured. The run continues with the others. */
  fail: (scenario: string, error: unknown) => void;
}

/** The services that a builder is started with. */
interface BuilderServices {
  bench: Bench;
  registry: Awaited<ReturnType<typeof startDebianRegistry>>;
  scenario: Scenario;
  proxy: CachingProxy | undefined;
}

export type StartBuilder = (services: BuilderServices) => Promise<Builder>;

/** All measurements of one build of a scenario. */
export interface Comparison {
  scenario: string;
  build: string;
  goal?: number;
  /** By builder. */
  measurements: Record<string, Measurement[]>;
}

/** Attempts of a round until the proxy fetches nothing from the network. */
const TRIES = 4;

/** Measures a scenario with several builders, alternating. */
export async function compare(
  scenario: Scenario,
  builders: Readonly<Record<string, StartBuilder>>,
  bench: Bench,
): Promise<Comparison[]> {
  const { rounds, bases, isWanted, log, folder } = bench;
  const measured = scenario.builds.filter(({ isMeasured = true }) => isMeasured);
  const comparisons = measured.map(
    ({ name, goal }): Comparison => ({
      scenario: scenario.name,
      build: name,
      ...(goal !== undefined && { goal }),
      measurements: {},
    }),
  );
  await using registry = await startDebianRegistry();
  await bases.copy(scenario.bases, registry);
  const original = join(folder, `${scenario.name}-original`);
  await mkdir(original);
  await scenario.write(original);
  const proxy = scenario.network && bench.proxy;
  const names = Object.keys(builders).filter(isWanted);
  for (let round = 0; round < rounds; round += 1) {
    // The order alternates, because each builder leaves files in the machine's page cache.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const start = builders[name] as StartBuilder;
      const surroundings = { bench, registry, scenario, proxy };
      const times = await attempt(
        () => oneRound(() => start(surroundings), original, scenario, bench),
        bench.proxy,
      );
      for (const [index, comparison] of comparisons.entries()) {
        comparison.measurements[name] = [...(comparison.measurements[name] ?? []), ...(times[index] ?? [])];
      }
      const seconds = times.map((all) => all.map((one) => one.seconds.toFixed(2)).join("/"));
      log(`${scenario.name}, round ${round + 1}, ${name}: ${seconds.join("  ")} s`);
    }
  }
  await rm(original, { recursive: true });
  return comparisons;
}

/** Repeats a round in which the proxy fetched something, because the network affected its times. */
async function attempt<T>(round: () => Promise<T>, proxy: CachingProxy): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const before = await proxy.misses();
    const result = await round();
    if ((await proxy.misses()) === before || tries === TRIES) return result;
  }
}

let contexts = 0;

/** Runs all builds with one new builder. Returns the measurements of the builds that count. */
async function oneRound(
  start: () => Promise<Builder>,
  original: string,
  scenario: Scenario,
  { folder, log }: Bench,
): Promise<Measurement[][]> {
  // A new name each time, because docker caches contexts by folder.
  contexts += 1;
  const context = join(folder, `context-${process.pid}-${contexts}`);
  await cp(original, context, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  await using builder = await start();
  const given = builder.access && (await accessOptions(scenario, builder.access, `${context}-secrets`));
  // Writes dirty pages of earlier builds, so that this build does not wait for them.
  await run("sync", []);
  const measurements: Measurement[][] = [];
  for (const { edit, times = 1, isMeasured = true, ...options } of scenario.builds) {
    const own: BuildOptions = (builder.name === "docker" ? options.docker : options.varve) ?? {};
    const all: Measurement[] = [];
    for (let time = 0; time < times; time += 1) {
      await edit?.(context);
      all.push(await builder.build(context, { ...given, ...own }));
    }
    if (edit !== undefined && isSame(measurements.at(-1)?.at(-1), all[0])) {
      log(`${scenario.name}: the image is the same after the change before "${options.name}"`);
    }
    if (isMeasured) measurements.push(all);
  }
  await rm(context, { recursive: true });
  await rm(`${context}-secrets`, { recursive: true, force: true });
  return measurements;
}

function isSame(before: Measurement | undefined, after: Measurement | undefined): boolean {
  return before?.digest !== undefined && before.digest === after?.digest;
}

/** The options of a build with which its steps reach the proxy. */
async function accessOptions(
  { network }: Scenario,
  { url }: StepAccess,
  folder: string,
): Promise<Pick<BuildOptions, "args" | "secrets">> {
  if (network === undefined) return {};
  const { npmArg, npmSecret } = network;
  await mkdir(folder);
  const file = join(folder, "npmrc");
  await writeFile(file, `registry=${url}/\n`);
  return {
    args: { http_proxy: url, ...(npmArg !== undefined && { [npmArg]: `${url}/` }) },
    ...(npmSecret !== undefined && { secrets: { [npmSecret]: file } }),
  };
}
