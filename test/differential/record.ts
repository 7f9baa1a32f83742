import { startDebianRegistry } from "../registry/debian-registry.ts";
import { pushBases } from "./bases/push.ts";
import {
  buildWithDocker,
  type DockerBuild,
  dockerVersion,
  loadBases,
  removeBases,
} from "./builders/docker.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";
import { compare } from "./compare.ts";
import { startFixtureServer } from "./fixtures-server.ts";
import { inParallel } from "./in-parallel.ts";
import { recordNames, recordOf, removeRecord, writeRecord } from "./records.ts";
import { isFailure, type Outcome } from "./result.ts";
import { selected } from "./selected.ts";
import { now, settleTimes, withoutTimesOfRun } from "./times.ts";

// Records the results of a real docker for the cases: all of them, or those whose names contain an argument.

/** Expectations of a case that its outcome does not meet. */
function surprises(testCase: Case, outcome: Outcome): string[] {
  // The case is about another version of BuildKit.
  if (testCase.newer?.some(({ image, fails }) => image ?? fails)) return [];
  if (testCase.fails !== undefined) return compare({ fails: testCase.fails }, outcome);
  return isFailure(outcome) ? [outcome.error] : [];
}

/** Docker's result of a case, with the times that are compared. */
async function recordCase(testCase: Case): Promise<DockerBuild> {
  const since = now();
  const { outcome, diffIds } = await buildWithDocker(testCase, addresses);
  return { outcome: withoutTimesOfRun(testCase, settleTimes(outcome, since)), diffIds };
}

const wanted = selected(cases, process.argv.slice(2));
await using registry = await startDebianRegistry();
await using fixtures = await startFixtureServer();
const addresses = { http: fixtures.url, registry: registry.host };
await pushBases(registry);
await loadBases();
try {
  console.log(`docker ${await dockerVersion()} builds ${wanted.length} cases`);
  await inParallel(wanted, 2, async (testCase) => {
    const { outcome, diffIds } = await recordCase(testCase);
    await writeRecord(testCase.name, recordOf(outcome, diffIds));
    for (const line of surprises(testCase, outcome)) {
      console.log(`${testCase.name}: ${line}`);
      process.exitCode = 1;
    }
  });
} finally {
  await removeBases();
}
if (wanted.length === cases.length) {
  const names = new Set(cases.map((testCase) => testCase.name));
  for (const name of await recordNames()) if (!names.has(name)) await removeRecord(name);
}
