import { pushBase, startRegistry } from "../bases/registry.ts";
import { buildWithDocker, dockerVersion, pushWithDocker } from "../builders/docker.ts";
import { buildWithVarve, startServer } from "../builders/varve.ts";
import type { Addresses, Case } from "../case.ts";
import { compare } from "../compare.ts";
import { startFixtureServer } from "../fixtures-server.ts";
import { inParallel } from "../in-parallel.ts";
import { applyNewer } from "../records.ts";
import { isFailure } from "../result.ts";
import { selected } from "../selected.ts";
import { DEBIAN, makeDebian, TOOLS, toolsDockerfile } from "./base.ts";
import { debianCases } from "./cases/index.ts";
import { comparable } from "./varies.ts";

// Builds each case with docker and with varve, one right after the other, and compares the two: packages move on, so
// there are no records. See ../README.md.

const wanted = selected(debianCases, process.argv.slice(2));
const started = performance.now();

/** Differences of one case, none when varve makes of it what docker does. */
async function check(testCase: Case, url: string, addresses: Addresses): Promise<string[]> {
  const since = Math.floor(Date.now() / 1000);
  const made = await buildWithDocker(testCase, addresses, { fromRegistry: [DEBIAN, TOOLS], timed: true });
  const built = await buildWithVarve(url, testCase, addresses, { timed: true, anew: true });
  const [docker, varve] = comparable(made.outcome, built, since);
  if (testCase.fails !== undefined) {
    const { line } = isFailure(docker) ? docker : { line: undefined };
    const expected = { fails: testCase.fails, ...(line !== undefined && { line }) };
    return [...compare(expected, docker).map((text) => `docker: ${text}`), ...compare(expected, varve)];
  }
  if (isFailure(docker)) return [`docker: ${docker.error}`];
  return compare(applyNewer(docker, [...(testCase.newer ?? []), ...(testCase.otherwise ?? [])]), varve);
}

/** Seconds since the start. */
function elapsed(): number {
  return Math.round((performance.now() - started) / 1000);
}

await using registry = await startRegistry();
await using fixtures = await startFixtureServer();
const addresses = { http: fixtures.url, registry: registry.host };
await pushBase(registry, await makeDebian());
await pushWithDocker(TOOLS, toolsDockerfile, addresses, { fromRegistry: [DEBIAN] });
await using server = await startServer(registry.url);
console.log(`docker ${await dockerVersion()} and varve build ${wanted.length} cases (${elapsed()} s)`);
let failed = 0;
await inParallel(wanted, 2, async (testCase) => {
  const lines = await check(testCase, server.url, addresses).catch((error: unknown) => [String(error)]);
  if (lines.length === 0) return;
  failed += 1;
  console.log(`FAILED ${testCase.name}:\n  ${lines.slice(0, 40).join("\n  ")}`);
});
console.log(`${wanted.length - failed} passed, ${failed} failed (${elapsed()} s)`);
if (failed > 0) process.exitCode = 1;
