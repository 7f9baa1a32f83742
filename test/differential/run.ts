import { parseArgs } from "node:util";
import { startDebianRegistry } from "../registry/debian-registry.ts";
import { pushBases } from "./bases/push.ts";
import { buildWithDocker, dockerVersion, loadBases, removeBases } from "./builders/docker.ts";
import { buildWithVarve, startServer } from "./builders/varve.ts";
import type { Addresses, Case } from "./case.ts";
import { cases } from "./cases/index.ts";
import { compare, type Expected } from "./compare.ts";
import { startFixtureServer } from "./fixtures-server.ts";
import { inParallel } from "./in-parallel.ts";
import { expectedFrom, formatRecord, readRecord, recordNames, recordOf } from "./records.ts";
import { isFailure, type Outcome } from "./result.ts";
import { selected } from "./selected.ts";
import { expectedTimes, now, settleTimes, withoutTimesOfRun, withRecordedTimes } from "./times.ts";

// Holds builders against the records. See README.md.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: "boolean" },
    docker: { type: "boolean" },
    builder: { type: "string" },
    width: { type: "string" },
  },
});
const wanted = selected(cases, positionals);
const width = Number(values.width ?? 2);

/** Differences of one case, none when it passes. */
type Check = (testCase: Case) => Promise<string[]>;

async function runAll(check: Check): Promise<void> {
  const differences = await inParallel(wanted, width, async (testCase) => {
    try {
      return await check(testCase);
    } catch (error) {
      return [String(error)];
    }
  });
  for (const [index, lines] of differences.entries()) {
    if (lines.length > 0) console.log(`FAILED ${wanted[index]?.name}: ${lines.join("; ")}`);
  }
  const failed = differences.filter((lines) => lines.length > 0).length;
  console.log(`${wanted.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

/** Checks that a builder's result of each case equals its record, with the changes of newer BuildKit. */
async function checkNewer(
  build: (testCase: Case) => Promise<Outcome>,
  addresses: Addresses,
  adjust: (expected: Expected, made: Outcome) => Expected = (expected) => expected,
): Promise<void> {
  await runAll(async (testCase) => {
    const expected = expectedFrom(testCase, await readRecord(testCase.name));
    const since = now();
    const made = settleTimes(await build(testCase), since);
    return compare(adjust(expectedTimes(testCase, expected, made, addresses), made), made);
  });
}

async function checkVarve(url: string, addresses: Addresses): Promise<void> {
  await checkNewer((testCase) => buildWithVarve(url, testCase, addresses), addresses);
}

/** A builder of buildx that is newer than the one of the records. */
async function checkBuilder(builder: string, addresses: Addresses): Promise<void> {
  const build = async (testCase: Case) => {
    const since = now();
    const { outcome } = await buildWithDocker(testCase, addresses, { builder });
    return withoutTimesOfRun(testCase, settleTimes(outcome, since));
  };
  await checkNewer(build, addresses, withSharedTimes);
}

/** Expects no time where a builder shares the result of another build. */
function withSharedTimes(expected: Expected, made: Outcome): Expected {
  if ("fails" in expected || isFailure(made)) return expected;
  const untimed = new Set(made.rootfs.filter(({ mtime }) => mtime === undefined).map(({ path }) => path));
  const rootfs = expected.rootfs.map(({ mtime, ...entry }) =>
    mtime === undefined || untimed.has(entry.path) ? entry : { ...entry, mtime },
  );
  return { ...expected, rootfs };
}

/** Checks that docker's result of each case still equals its record, and that each record has a case. */
async function checkDocker(addresses: Addresses): Promise<void> {
  await loadBases();
  try {
    console.log(`docker ${await dockerVersion()} against the records`);
    const names = new Set(cases.map((testCase) => testCase.name));
    for (const name of await recordNames()) {
      if (!names.has(name)) throw new Error(`Record "${name}" belongs to no case`);
    }
    await runAll(async (testCase) => {
      const since = now();
      const { outcome, diffIds } = await buildWithDocker(testCase, addresses);
      const settled = withoutTimesOfRun(testCase, settleTimes(outcome, since));
      const record = await readRecord(testCase.name);
      const made = formatRecord(withRecordedTimes(recordOf(settled, diffIds), record));
      const recorded = formatRecord(record);
      return made === recorded ? [] : changedLines(recorded, made);
    });
  } finally {
    await removeBases();
  }
}

function changedLines(recorded: string, made: string): string[] {
  const [before, after] = [recorded.split("\n"), made.split("\n")];
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `recorded ${line.trim()}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `now ${line.trim()}`),
  ];
}

await using fixtures = await startFixtureServer();
if (process.env.VARVE_URL !== undefined && !values.docker && values.builder === undefined) {
  const registry = process.env.VARVE_BASES;
  if (registry === undefined) throw new Error("VARVE_URL needs VARVE_BASES: host:port of bases/serve.ts");
  await checkVarve(process.env.VARVE_URL, { http: fixtures.url, registry });
} else {
  await using registry = await startDebianRegistry();
  await pushBases(registry);
  const addresses = { http: fixtures.url, registry: registry.host };
  if (values.docker) await checkDocker(addresses);
  if (values.builder !== undefined) await checkBuilder(values.builder, addresses);
  if (values.records || !(values.docker || values.builder)) {
    await using server = await startServer(registry.url);
    await checkVarve(server.url, addresses);
  }
}
