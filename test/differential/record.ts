import { pushBases, startRegistry } from "./bases/registry.ts";
import { buildWithDocker, dockerVersion, loadBases, removeBases } from "./builders/docker.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";
import { compare } from "./compare.ts";
import { startFixtureServer } from "./fixtures-server.ts";
import { inParallel } from "./in-parallel.ts";
import { recordNames, recordOf, removeRecord, writeRecord } from "./records.ts";
import { isFailure, type Outcome } from "./result.ts";
import { selected } from "./selected.ts";

// Records what a real docker makes of the cases: all of them, or those whose names contain an argument.

const wanted = selected(cases, process.argv.slice(2));
await using registry = await startRegistry();
await using fixtures = await startFixtureServer();
await pushBases(registry);
await loadBases();
console.log(`docker ${await dockerVersion()} builds ${wanted.length} cases`);
const surprises = await inParallel(wanted, 2, async (testCase) => {
  const { outcome, diffIds } = await buildWithDocker(testCase, {
    http: fixtures.url,
    registry: registry.host,
  });
  await writeRecord(testCase.name, recordOf(outcome, diffIds));
  if (isFailure(outcome) && testCase.fails === undefined)
    return [`${testCase.name} failed: ${outcome.error}`];
  if (!isFailure(outcome) && testCase.fails !== undefined) return [`${testCase.name} was built`];
  return [];
});
await removeBases();
if (wanted.length === cases.length) {
  const names = new Set(cases.map((testCase) => testCase.name));
  for (const name of await recordNames()) if (!names.has(name)) await removeRecord(name);
}
for (const line of surprises.flat()) console.log(line);
process.exitCode = surprises.flat().length === 0 ? 0 : 1;

/** What the case itself says of the outcome and is not so. */
function unexpected({ fails }: Case, outcome: Outcome): string[] {
  if (fails !== undefined) return compare({ fails }, outcome);
  return isFailure(outcome) ? [outcome.error] : [];
}
