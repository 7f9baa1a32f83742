import { expect, test } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import type { World } from "../../../src/engine/world.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { MemoryRunner } from "../../helpers/memory-runner.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";
import { file, tree } from "../../helpers/tree.ts";

const dockerfile = [
  "FROM scratch AS tools",
  "RUN install",
  "FROM scratch AS built",
  "COPY source /source",
  "RUN compile",
  "FROM scratch",
  "COPY --from=built /source /program",
  "COPY --from=tools /new /tools",
  "COPY note /note",
].join("\n");

async function build(world: World, note: string, source = "source"): Promise<string> {
  const files = { Dockerfile: `${dockerfile}\n`, note: file(note), source: file(source) };
  const context = await contextOf(world.store, files);
  const options = readOptions(new URLSearchParams({ t: "team/app:1" }));
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const signal = new AbortController().signal;
  return (await runBuild(prepared, world, buildMemory(), () => {}, signal)).result.descriptor.digest;
}

/** A runner that counts the searches for snapshots. */
class SearchedRunner extends MemoryRunner {
  searches = 0;

  override find(names: readonly string[]) {
    this.searches++;
    return super.find(names);
  }
}

function newWorld() {
  const world = memoryWorld();
  const runner = new SearchedRunner(world.store, () => tree({ new: file("made") }));
  return { world: { ...world, runners: runner } satisfies World, runner };
}

test("runners are not asked about steps that the build does not need", async () => {
  const { world, runner } = newWorld();
  const digest = await build(world, "a note");
  const { searches } = runner;
  expect(await build(world, "a note")).toBe(digest);
  await build(world, "another note");
  expect({ searches: runner.searches, runs: runner.runs.length }).toEqual({ searches, runs: 2 });
});

test("snapshots are found for steps that are needed because another step executes again", async () => {
  const { world, runner } = newWorld();
  await build(world, "a note");
  await build(world, "a note", "changed source");
  // `RUN install` keeps its result; only `RUN compile` has executed again.
  expect(runner.runs.length).toBe(3);
});
