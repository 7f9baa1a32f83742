import { startDebianRegistry } from "../../registry/debian-registry.ts";
import { imageOf } from "../bases/oci.ts";
import { pushBase } from "../bases/push.ts";
import { buildWithDocker, dockerVersion, pushWithDocker } from "../builders/docker.ts";
import { buildWithVarve, startRunner, startServer } from "../builders/varve.ts";
import type { Addresses, Case } from "../case.ts";
import { compare } from "../compare.ts";
import { startFixtureServer } from "../fixtures-server.ts";
import { inParallel } from "../in-parallel.ts";
import type { Newer } from "../newer.ts";
import { applyNewer } from "../records.ts";
import { isFailure, type Outcome } from "../result.ts";
import { selected } from "../selected.ts";
import { now } from "../times.ts";
import { DEBIAN, makeDebian, TOOLS, toolsDockerfile } from "./base.ts";
import { type Behaviour, behaviours, checkBehaviour } from "./behaviour.ts";
import { debianCases } from "./cases/index.ts";
import { buildExample, type Example, exampleNewer, examples, runExample } from "./examples.ts";
import { comparable } from "./varies.ts";

// Builds each case with docker and then with varve, and compares the two. There are no records, because packages change.
// Then builds, compares and runs the examples. See ../README.md.

/** One comparison. Returns the differences between varve's and docker's result. */
interface Comparison {
  name: string;
  check(url: string, addresses: Addresses): Promise<string[]>;
}

function ofCase(testCase: Case): Comparison {
  const { name, allow, fails, newer = [], otherwise = [] } = testCase;
  return {
    name,
    async check(url, addresses) {
      const since = now();
      const withDocker = async () =>
        (await buildWithDocker(testCase, addresses, { fromRegistry: [DEBIAN, TOOLS] })).outcome;
      const made = await downloading(fails === undefined, withDocker);
      await using _runner = allow === undefined ? undefined : await startRunner(url, allow);
      const built = await downloading(fails === undefined, () => buildWithVarve(url, testCase, addresses));
      if (fails === undefined) return differences(made, built, since, [...newer, ...otherwise]);
      const line = isFailure(made) ? made.line : undefined;
      const expected = { fails, ...(line !== undefined && { line }) };
      return [...compare(expected, made).map((text) => `docker: ${text}`), ...compare(expected, built)];
    },
  };
}

/** The outcome of a build, which is repeated when apt fails, because Debian's servers do not always answer. */
async function downloading(mustSucceed: boolean, build: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await build();
  const hasAptFailed = isFailure(outcome) && /exit code: 100\b/.test(outcome.error);
  return mustSucceed && hasAptFailed ? build() : outcome;
}

function ofExample(example: Example): Comparison {
  return {
    name: `example-${example.name}`,
    async check(url, addresses) {
      const since = now();
      const [docker, varve] = await buildExample(example, url, addresses);
      const lines = differences(docker, varve, since, exampleNewer);
      if (isFailure(varve)) return lines;
      const wrong = await runExample(example, url);
      return wrong === undefined ? lines : [...lines, `run by docker, ${wrong}`];
    },
  };
}

function ofBehaviour(behaviour: Behaviour): Comparison {
  return {
    name: `times-${behaviour.name}`,
    async check(url, addresses) {
      const lines = await checkBehaviour(behaviour, url, addresses);
      // When docker's own image does not behave as it should, as happened once, there is nothing to compare with.
      const isDocker = lines.some((line) => line.startsWith("docker: "));
      return isDocker ? checkBehaviour(behaviour, url, addresses) : lines;
    },
  };
}

function differences(made: Outcome, built: Outcome, since: number, newer: readonly Newer[]): string[] {
  const [docker, varve] = comparable(made, built, since);
  if (isFailure(docker)) return [`docker: ${docker.error}`];
  return compare(applyNewer(docker, newer), varve);
}

const started = performance.now();

/** Seconds since the start. */
function elapsed(): number {
  return Math.round((performance.now() - started) / 1000);
}

// The examples need most time, so they start first.
const all = [...examples.map(ofExample), ...behaviours.map(ofBehaviour), ...debianCases.map(ofCase)];
const wanted = selected(all, process.argv.slice(2));
await using registry = await startDebianRegistry();
await using fixtures = await startFixtureServer();
const addresses = { http: fixtures.url, registry: registry.host };
await pushBase(registry, imageOf(await makeDebian()));
await pushWithDocker(TOOLS, toolsDockerfile, addresses, { fromRegistry: [DEBIAN] });
await using server = await startServer(registry.url);
console.log(`docker ${await dockerVersion()} and varve build ${wanted.length} cases (${elapsed()} s)`);
let failed = 0;
await inParallel(wanted, 2, async ({ name, check }) => {
  const begun = elapsed();
  const lines = await check(server.url, addresses).catch((error: unknown) => [String(error)]);
  const took = elapsed() - begun;
  if (took >= 20) console.log(`${name} took ${took} s`);
  if (lines.length === 0) return;
  failed += 1;
  console.log(`FAILED ${name}:\n  ${lines.slice(0, 40).join("\n  ")}`);
});
console.log(`${wanted.length - failed} passed, ${failed} failed (${elapsed()} s)`);
if (failed > 0) process.exitCode = 1;
