import { afterEach, expect, test, vi } from "vitest";
import { buildOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import type { World } from "../../../src/engine/world.ts";
import { manifestKey } from "../../../src/oci/content-key.ts";
import { parseManifest } from "../../../src/oci/manifest.ts";
import { countingWorker } from "../../helpers/counting-worker.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";

afterEach(() => {
  vi.useRealTimers();
});

const MIB = 1024 * 1024;
const files = {
  Dockerfile: "FROM scratch\nCOPY large* /made/here/\n",
  "large-1": "a".repeat(5 * MIB),
  "large-2": "b".repeat(6 * MIB),
};
/** A slow compression, whose segments have 4 MiB. */
const options = buildOptions.parse({ compression: "zstd", compressionLevel: 16 });

/** Digest of the only layer. */
async function build(world: World, memory = buildMemory()): Promise<string | undefined> {
  const context = await contextOf(world.store, files);
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const { result } = await runBuild(prepared, world, memory, () => {}, new AbortController().signal);
  const bytes = await world.store.getBytes(manifestKey(result.descriptor.digest));
  return parseManifest(bytes as Uint8Array).layers[0]?.digest;
}

/** A world that writes large layers in segments. `crash` keeps what is deleted, as the end of an instance does. */
function worldInSegments(world: World, fails?: number) {
  const { worker, counts } = countingWorker(world.store, fails === undefined ? {} : { fails });
  const segments = (name: string) => ({ worker, folder: `spool/${name}/` });
  const crashed = { ...world.store, delete: async () => {} };
  return { counts, world: { ...world, segments, ...(fails !== undefined && { store: crashed }) } };
}

test("an interrupted build compresses the rest of a large layer, and keeps the times of the first attempt", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
  const expected = await build(memoryWorld());
  const world = memoryWorld();
  const memory = buildMemory();
  const first = worldInSegments(world, 2);
  await expect(build(first.world, memory)).rejects.toThrow("interrupted");
  expect(first.counts.chunks).toBeGreaterThan(8);
  vi.setSystemTime(Date.UTC(2026, 0, 2));
  const second = worldInSegments(world);
  expect(await build(second.world, memory)).toBe(expected);
  // The head, and pieces of 512 KiB of two files: ten, and twelve.
  expect(first.counts.chunks + second.counts.chunks).toBe(1 + 10 + 1 + 12 + 1);
});
