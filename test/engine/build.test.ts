import { expect, test } from "vitest";
import { buildOptions } from "../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../src/engine/build.ts";
import { BuildError } from "../../src/engine/errors.ts";
import { readInputs } from "../../src/engine/inputs.ts";
import { planBuild } from "../../src/engine/plan-build.ts";
import { openLayer } from "../../src/layers/toc.ts";
import { manifestKey } from "../../src/oci/content-key.ts";
import { parseManifest } from "../../src/oci/manifest.ts";
import { contextOf } from "../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../helpers/memory-world.ts";

type Files = Record<string, string>;

/** Paths in the last layer of the image that these files build. */
async function build(files: Files, contexts: Record<string, Files> = {}, platforms: string[] = []) {
  const world = memoryWorld();
  const named: Record<string, string> = {};
  for (const [name, others] of Object.entries(contexts))
    named[name] = (await contextOf(world.store, others)).digest;
  const context = await contextOf(world.store, files);
  const options = buildOptions.parse({ contexts: named, platforms });
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const { result } = await runBuild(prepared, world, buildMemory(), () => {}, new AbortController().signal);
  const { descriptor } = result;
  const manifest = parseManifest((await world.store.getBytes(manifestKey(descriptor.digest))) as Uint8Array);
  const layer = await openLayer(world.store, manifest.layers.at(-1)?.digest ?? "");
  return [...(layer?.tree.walk("") ?? [])].map(({ path }) => path);
}

async function errorOf(work: Promise<unknown>): Promise<BuildError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BuildError);
  return error as BuildError;
}

test("a named context has a separate ignore file", async () => {
  const files = { Dockerfile: "FROM scratch\nCOPY --from=other . /\n", ".dockerignore": "kept" };
  const other = { kept: "", hidden: "", ".dockerignore": "hidden\n.dockerignore" };
  expect(await build(files, { other })).toEqual(["kept"]);
});

test("a Dockerfile in lower case is found by default", async () => {
  expect(await build({ dockerfile: "FROM scratch\nCOPY a /\n", a: "" })).toEqual(["a"]);
});

test("the error of a missing source has its line and BuildKit's message", async () => {
  const error = await errorOf(build({ Dockerfile: "FROM scratch\n\nCOPY a /\n" }));
  expect(error).toMatchObject({
    code: "source-not-found",
    message: 'failed to compute cache key: failed to calculate checksum of ref context: "/a": not found',
    lines: { start: 3, end: 3 },
  });
});

test("the error of a source missing in a stage names the step that made the stage", async () => {
  const dockerfile = "FROM scratch AS made\nCOPY a /\nFROM scratch\nCOPY --from=made /b /\n";
  const error = await errorOf(build({ Dockerfile: dockerfile, a: "" }));
  expect(error.message).toContain('checksum of ref step-0: "/b": not found');
  expect(error.lines).toEqual({ start: 4, end: 4 });
});

test("the error of an ignored source includes the lint finding", async () => {
  const files = { Dockerfile: "FROM scratch\nCOPY a /\n", ".dockerignore": "a", a: "" };
  const error = await errorOf(build(files));
  expect(error.warnings.map(({ code }) => code)).toEqual(["CopyIgnoredFile"]);
  expect(error.hint).toContain("excluded by .dockerignore");
});

test("a failed download fails the step before it executes", async () => {
  const error = await errorOf(build({ Dockerfile: "FROM scratch\nADD https://example.com/a /\n" }));
  expect(error.code).toBe("download-failed");
  expect(error.message).toMatch(/^failed to load cache key: .*example\.com\/a/);
  expect(error.lines).toEqual({ start: 2, end: 2 });
});

test("the error of an invalid platform quotes all of it", async () => {
  const error = await errorOf(build({ Dockerfile: "FROM scratch\n" }, {}, ["linux//x"]));
  expect(error.code).toBe("platform-invalid");
  expect(error.message).toContain('failed to parse target platform linux//x: "" is an invalid component');
});
