import { expect, test } from "vitest";
import type { EventBody } from "../../../schemas/events.ts";
import { buildOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import type { ObjectStore } from "../../../src/store/object-store.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";

test("a layer that no image contains is written after the result; its step has ended before", async () => {
  const world = memoryWorld();
  const large = Array.from({ length: 1000 }, (_, number) => sha256(`${number}`)).join("");
  const files = {
    Dockerfile: "FROM scratch AS s\nCOPY . /d/\nFROM scratch\nCOPY --from=s /d/b /b\n",
    large,
    b: "b",
  };
  const context = await contextOf(world.store, files);
  const inputs = await readInputs(
    { context, dockerfile: undefined, ignore: undefined },
    buildOptions.parse({}),
  );
  const opened = Promise.withResolvers<void>();
  const put: ObjectStore["put"] = async (key, body, size, options) => {
    // The layer with all files.
    if (key.startsWith("blobs/") && size > 10_000) await opened.promise;
    return world.store.put(key, body, size, options);
  };
  const slow = { ...world, store: { ...world.store, put } };
  const prepared = await prepareBuild(await planBuild(inputs, slow), slow);
  const events: EventBody[] = [];
  const { signal } = new AbortController();
  const { written } = await runBuild(prepared, slow, buildMemory(), (event) => events.push(event), signal);
  const ended = events.flatMap((event) => (event.type === "step.done" ? event : []));
  expect(ended.map(({ step }) => step).sort()).toEqual(["0", "1"]);
  opened.resolve();
  await written;
});
