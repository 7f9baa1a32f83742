import { parseArgs } from "node:util";
import { usualTime } from "../archive/write.ts";
import { pushBases, startRegistry } from "../bases/registry.ts";
import { buildWithDocker, dockerVersion, loadBases, removeBases } from "../builders/docker.ts";
import { buildWithVarve, startServer } from "../builders/varve.ts";
import type { Case } from "../case.ts";
import { compare } from "../compare.ts";
import { startFixtureServer } from "../fixtures-server.ts";
import { type ImageResult, isFailure, type Outcome, type RootfsEntry } from "../result.ts";
import { expectedTimes, now, settleTimes, withoutTimesOfRun } from "../times.ts";
import { caseOf, type Draft, generate } from "./generate.ts";
import { known } from "./known.ts";
import { minimise } from "./minimise.ts";
import { Random } from "./random.ts";

// Builds random cases with docker and with varve until the time is over, and prints where the two differ, as cases for
// ../cases. See ../README.md.

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
const seconds = Number(values.seconds ?? 120);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
/** Builds that one difference may take to become small. */
const MOST_ATTEMPTS = 60;
/** Differences after which there is no point in more of them. */
const MOST_DIFFERENCES = 10;

await using registry = await startRegistry();
await using fixtures = await startFixtureServer();
await pushBases(registry);
await loadBases();
await using server = await startServer(registry.url);
const addresses = { http: fixtures.url, registry: registry.host };

/** Differences of a draft, none when both builders agree or the difference is a known one. */
async function differences(draft: Draft): Promise<string[]> {
  const testCase = caseOf(draft);
  const since = now();
  const { outcome } = await buildWithDocker(testCase, addresses);
  const docker = withoutTimesOfRun(testCase, settleTimes(outcome, since));
  const varve = await build(testCase);
  const found = compareOutcomes(testCase, docker, varve);
  if (found.length === 0 || known.some(({ holds }) => holds(draft, docker, varve))) return [];
  return (await isOtherFault(draft, docker, varve)) ? [] : found;
}

async function build(testCase: Case): Promise<Outcome> {
  const since = now();
  return settleTimes(await buildWithVarve(server.url, testCase, addresses), since);
}

function compareOutcomes(testCase: Case, docker: Outcome, varve: Outcome): string[] {
  if (!isFailure(docker)) {
    const expected = expectedTimes(testCase, withoutTouchedDirectories(docker, varve), varve, addresses);
    return compare(expected, varve);
  }
  const lines = compare({ fails: [], ...(docker.line !== undefined && { line: docker.line }) }, varve);
  return lines.length === 0 ? [] : [...lines, `docker: ${docker.error}`];
}

/**
 * What docker made, without the times of directories that varve left as the base has them: docker's graph drivers keep a
 * directory of which only the time changed, and layers of BuildKit leave it out.
 */
function withoutTouchedDirectories(docker: ImageResult, varve: Outcome): ImageResult {
  if (isFailure(varve)) return docker;
  const isOfBase = ({ type, mtime }: RootfsEntry) => type === "dir" && mtime === usualTime;
  const untouched = new Set(varve.rootfs.filter(isOfBase).map(({ path }) => path));
  const rootfs = docker.rootfs.map(({ mtime, ...entry }) =>
    mtime === undefined || untouched.has(entry.path) ? entry : { ...entry, mtime },
  );
  return { ...docker, rootfs };
}

/**
 * Whether the builders report different faults of a case that has several: steps execute at the same time, and the first
 * failure ends the build. Without the instruction that varve reports, it reports the one that docker does.
 */
async function isOtherFault(draft: Draft, docker: Outcome, varve: Outcome): Promise<boolean> {
  const wanted = isFailure(docker) ? instructionAt(draft, docker.line) : undefined;
  if (wanted === undefined) return false;
  for (let rest = draft, outcome = varve; isFailure(outcome); outcome = await build(caseOf(rest))) {
    const reported = instructionAt(rest, outcome.line);
    if (reported === undefined) return false;
    if (reported === wanted) return true;
    rest = { ...rest, instructions: rest.instructions.filter((one) => one !== reported) };
  }
  return false;
}

function instructionAt({ instructions }: Draft, line: number | undefined): string | undefined {
  let end = 0;
  return instructions.find((text) => {
    end += text.split("\n").length;
    return line !== undefined && line <= end;
  });
}

/** The case as its source would be. */
function printed({ name, dockerfile, context }: Case): string {
  const text = { name, dockerfile, context };
  return JSON.stringify(text, (_, value) => (value instanceof Uint8Array ? [...value] : value), 2);
}

const counts = { cases: 0, different: 0 };
try {
  console.log(`docker ${await dockerVersion()} and varve for ${seconds} s: --seed ${seed}`);
  const end = Date.now() + seconds * 1000;
  for (let number = 0; Date.now() < end && counts.different < MOST_DIFFERENCES; number++) {
    const draft = generate(new Random(seed + number), `fuzz-${seed + number}`);
    counts.cases += 1;
    const found = await differences(draft);
    if (found.length === 0) continue;
    const smallest = await minimise(
      draft,
      async (smaller) => (await differences(smaller)).length > 0,
      MOST_ATTEMPTS,
    );
    const remaining = await differences(smallest);
    // A daemon that is busy cancels a build now and then.
    if (remaining.length === 0) {
      console.log(`UNSTEADY --seed ${seed + number}:\n  ${found.join("\n  ")}`);
      continue;
    }
    counts.different += 1;
    console.log(
      `DIFFERENT --seed ${seed + number}:\n  ${remaining.join("\n  ")}\n${printed(caseOf(smallest))}`,
    );
  }
} finally {
  await removeBases();
}
console.log(`${counts.cases} cases, ${counts.different} different`);
if (counts.different > 0) process.exitCode = 1;
