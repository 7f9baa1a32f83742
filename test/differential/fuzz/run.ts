import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { startDebianRegistry } from "../../registry/debian-registry.ts";
import { pushBases } from "../bases/push.ts";
import { dockerVersion, loadBases, removeBases } from "../builders/docker.ts";
import { startServer } from "../builders/varve.ts";
import type { Case } from "../case.ts";
import { startFixtureServer } from "../fixtures-server.ts";
import { caseOf, type Draft } from "./draft.ts";
import { generate } from "./generate.ts";
import { Judge } from "./judge.ts";
import { minimise } from "./minimise.ts";
import { Random } from "./random.ts";
import { generateWide } from "./wide/generate.ts";

// Builds random cases with docker and with varve until the time is over, and prints where the two differ, as cases for
// ../cases. See ../README.md.

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    seed: { type: "string" },
    builder: { type: "string" },
    wide: { type: "boolean" },
  },
});
const seconds = Number(values.seconds ?? 120);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const { builder } = values;
const generateDraft = values.wide ? generateWide : generate;
/** Maximum number of builds for minimising one difference. */
const MAX_ATTEMPTS = 60;
/** Number of differences after which the run ends. */
const MAX_DIFFERENCES = 10;

await using registry = await startDebianRegistry();
await using fixtures = await startFixtureServer();
await pushBases(registry);
if (builder === undefined) await loadBases();
await using server = await startServer(registry.url);
const judge = new Judge(server.url, { http: fixtures.url, registry: registry.host }, builder);

/** The case as its source would be. Bytes are compressed with gzip, in base64. */
function printed({ name, dockerfile, context }: Case): string {
  const text = { name, dockerfile, context };
  return JSON.stringify(
    text,
    (_, value) => (value instanceof Uint8Array ? gzipSync(value).toString("base64") : value),
    2,
  );
}

/** Builds a case; prints the smallest one that still differs. */
async function examine(draft: Draft): Promise<"same" | "different" | "unstable"> {
  const found = await judge.differences(draft);
  if (found.length === 0) return "same";
  const isDifferent = async (smaller: Draft) => (await judge.differences(smaller)).length > 0;
  const smallest = await minimise(draft, isDifferent, MAX_ATTEMPTS);
  const remaining = await judge.differences(smallest);
  // A busy daemon sometimes cancels a build, and some results of docker are random.
  const isStable = remaining.length > 0 && (await judge.isStable(smallest));
  const lines = (remaining.length > 0 ? remaining : found).join("\n  ");
  console.log(`${isStable ? "DIFFERENT" : "UNSTABLE"} ${draft.name}:\n  ${lines}`);
  if (isStable) console.log(printed(caseOf(smallest)));
  return isStable ? "different" : "unstable";
}

const counts = { same: 0, different: 0, unstable: 0 };
try {
  const docker = builder === undefined ? `docker ${await dockerVersion()}` : `builder ${builder}`;
  console.log(`${docker} and varve for ${seconds} s: --seed ${seed}`);
  const end = Date.now() + seconds * 1000;
  for (let number = seed; Date.now() < end && counts.different < MAX_DIFFERENCES; number++) {
    const draft = generateDraft(new Random(number), `seed-${number}`, builder !== undefined);
    try {
      counts[await examine(draft)] += 1;
    } catch (error) {
      // A builder that does not answer.
      counts.unstable += 1;
      console.log(`UNSTABLE ${draft.name}: ${error}`);
    }
  }
} finally {
  if (builder === undefined) await removeBases();
}
console.log(
  `${counts.same + counts.different + counts.unstable} cases, ${counts.different} different, ${counts.unstable} unstable`,
);
if (counts.different > 0) process.exitCode = 1;
