import { ok } from "node:assert/strict";
import type { EventBody } from "../../schemas/events.ts";
import type { CacheStore } from "../../src/store/cache-store.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";
import { CaseWorld } from "./case-world.ts";
import type { CaseInputs } from "./integration-case.ts";

interface CachedBuild extends CaseInputs {
  buildArgs: Record<string, string>;
}

/** Two consecutive builds, and which steps of the second are cache hits. */
interface CacheCase {
  name: string;
  first: CachedBuild;
  second: CachedBuild;
  secondBuildCached: Record<string, boolean>;
}

/**
 * Compares which steps of a second build are cache hits. A stand-in for runners executes the few commands of the cases.
 * A step that BuildKit executes again because the step below it was executed again may be a hit here, if that step
 * produced an equal layer: then its input is unchanged. BuildKit's layers contain the time at which they were written,
 * so it cannot detect this.
 */
export async function cache(): Promise<SetResult> {
  const cases = await readCases<CacheCase>("cache-cases.json");
  const world = await CaseWorld.open();
  return runChecks(cases.map((given) => [given.name, check(given, world)]));
}

function check(given: CacheCase, world: CaseWorld): Check {
  return async () => {
    const { first, second, secondBuildCached } = given;
    const cache = memoryCache();
    const before = await build(first, cache, world);
    const steps = await build(second, cache, world);
    const expected = expectedHits(secondBuildCached);
    // Inputs of a hit are not looked up.
    const listed = new Set(steps.map(({ instruction }) => instruction));
    for (const [instruction, isHit] of expected)
      ok(listed.has(instruction) || isHit, `${instruction} is left out`);
    let isSame = true;
    for (const [index, { instruction, isHit, layer }] of steps.entries()) {
      const wanted = expected.get(instruction);
      const isBetter = isHit && wanted === false && index > 0 && isSame;
      ok(isHit === wanted || isBetter, `${instruction} is ${isHit ? "a hit" : "carried out"}`);
      isSame &&= layer === before[index]?.layer;
    }
  };
}

/** By instruction. */
function expectedHits(recorded: Record<string, boolean>): Map<string, boolean> {
  const hits = Object.entries(recorded).map(([name, isHit]) => [instructionOf(name), isHit] as const);
  // BuildKit shows the second half of `--link`, which stacks a layer on others, as a separate step.
  return new Map(hits.filter(([instruction]) => !instruction.startsWith("LINK ")));
}

interface BuiltStep {
  instruction: string;
  /** Found in the cache. */
  isHit: boolean;
  /** Digest. */
  layer: string | undefined;
}

async function build(
  { dockerfile, files, buildArgs }: CachedBuild,
  cache: CacheStore,
  world: CaseWorld,
): Promise<BuiltStep[]> {
  const events: EventBody[] = [];
  const inputs = { dockerfile, ...(files && { files }) };
  const options = { buildArgs, timestamps: "fixed" as const };
  await world.build(inputs, cache, { options }, (event) => events.push(event));
  const names = new Map(
    events.flatMap((event) => (event.type === "plan" ? event.steps : [])).map(({ id, name }) => [id, name]),
  );
  return events.flatMap((event) => {
    if (event.type !== "step.cached" && event.type !== "step.done") return [];
    const name = names.get(event.step) ?? "";
    if (name.startsWith("[context ")) return [];
    return {
      instruction: instructionOf(name),
      isHit: event.type === "step.cached",
      layer: event.layer?.digest,
    };
  });
}

/** A step without its stage and number, which change when the Dockerfile ends early. */
function instructionOf(name: string): string {
  return name.replace(/^\[.*?\] /, "");
}
