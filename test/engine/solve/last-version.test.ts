import { expect, test } from "vitest";
import { buildOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import type { World } from "../../../src/engine/world.ts";
import { blobKey, manifestKey } from "../../../src/oci/content-key.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";

const KIB = 1024;
const options = buildOptions.parse({ tags: ["team/app:1"] });

/** Builds two files of a chunk each. @returns the digest of the only layer, and the digests that the build pinned */
async function build(world: World, second: string): Promise<{ digest: string; pinned: Set<string> }> {
  const Dockerfile = "FROM scratch\nCOPY first second /\n";
  const files = { Dockerfile, first: "a".repeat(600 * KIB), second: second.repeat(600 * KIB) };
  const context = await contextOf(world.store, files);
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const pinned = new Set<string>();
  const memory = { ...buildMemory(), hold: (digest: string) => void pinned.add(digest) };
  const { result } = await runBuild(prepared, world, memory, () => {}, new AbortController().signal);
  const bytes = await world.store.getBytes(manifestKey(result.descriptor.digest));
  const [layer] = parseManifest(bytes as Uint8Array).layers;
  return { digest: layer?.digest ?? "", pinned };
}

test("the last version of a layer is pinned while its chunks are copied", async () => {
  const world = memoryWorld();
  const last = await build(world, "b");
  expect((await build(world, "c")).pinned).toContain(last.digest);
});

test("a layer whose last version was collected is written without it", async () => {
  const world = memoryWorld();
  const last = await build(world, "b");
  const expected = await build(memoryWorld(), "c");
  await world.store.delete(blobKey(last.digest));
  // Its table of contents is still there, as in the cache of an isolate.
  expect((await build(world, "c")).digest).toBe(expected.digest);
});
