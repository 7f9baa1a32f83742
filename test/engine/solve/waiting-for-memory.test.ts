import { expect, test, vi } from "vitest";
import type { EventBody } from "../../../schemas/events.ts";
import { buildOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";

const world = memoryWorld();

/** Starts a build of some steps. */
async function startBuild(name: string, signal: AbortSignal) {
  const files = { Dockerfile: "FROM scratch\nCOPY a /\nWORKDIR /w\nCOPY b .\n", a: `a of ${name}`, b: name };
  const context = await contextOf(world.store, files);
  const inputs = await readInputs({ context, dockerfile: undefined }, buildOptions.parse({ tags: [name] }));
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const events: EventBody[] = [];
  const emit = (event: EventBody) => void events.push(event);
  return { events, finished: runBuild(prepared, world, buildMemory(), emit, signal) };
}

test("steps wait for memory that other builds use, report it, and then execute", async () => {
  const { signal } = new AbortController();
  const other = Promise.withResolvers<void>();
  const others = world.memory.use(world.memory.total, { signal }, () => other.promise);
  const builds = await Promise.all(["one", "two", "three"].map((name) => startBuild(name, signal)));
  const message = "waiting for memory, which other builds use";
  for (const { events } of builds) {
    await vi.waitFor(() => expect(events).toContainEqual(expect.objectContaining({ message })), 10_000);
    expect(events.some(({ type }) => type === "step.done")).toBe(false);
  }
  other.resolve();
  await others;
  for (const { events, finished } of builds) {
    await finished;
    const waited = events.flatMap((event) => (event.type === "step.waiting" ? [event.step] : []));
    const ran = events.flatMap((event) => (event.type === "step.running" ? [event.step] : []));
    expect(ran).toEqual(waited);
  }
  expect(world.memory.used).toBe(0);
});

test("a build that is cancelled while it waits leaves the memory to others", async () => {
  const cancel = new AbortController();
  const other = Promise.withResolvers<void>();
  const others = world.memory.use(world.memory.total, cancel, () => other.promise);
  const { finished } = await startBuild("cancelled", cancel.signal);
  await new Promise((resolve) => setTimeout(resolve, 100));
  cancel.abort(new Error("cancelled"));
  await expect(finished).rejects.toThrow("cancelled");
  other.resolve();
  await others;
  expect(world.memory.used).toBe(0);
  await (await startBuild("next", new AbortController().signal)).finished;
});
