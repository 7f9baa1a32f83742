import { expect, test } from "vitest";
import { provenance } from "../../../schemas/attestations.ts";
import { readOptions } from "../../../schemas/options.ts";
import { type ProvenanceRequest, readProvenance } from "../../../schemas/provenance-option.ts";
import { provenanceOf } from "../../../src/engine/attest/provenance.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { memoryWorld } from "../../helpers/memory-world.ts";

async function buildProvenance(dockerfile: string, mode: string, query: Record<string, string> = {}) {
  const world = memoryWorld();
  const options = readOptions(new URLSearchParams(query));
  const context = await contextOf(world.store, { Dockerfile: dockerfile });
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const [planned] = (await planBuild(inputs, world)).platforms;
  if (planned === undefined) throw new Error("no plan");
  const request = readProvenance(mode) as ProvenanceRequest;
  const { plan } = planned;
  return provenance.parse(
    provenanceOf({ request, inputs, plan, materials: [], builder: "https://own.invalid" }),
  );
}

const run = (...flags: string[]) => `FROM scratch\n${flags.map((flag) => `RUN ${flag} x\n`).join("")}`;
const secrets = run(
  "--mount=type=secret,id=a",
  "--mount=type=secret,id=a,required",
  "--mount=type=secret,id=b --mount=type=ssh",
);

test("mounts of secrets and ssh are listed by id; required if any of them is", async () => {
  const { request } = (await buildProvenance(secrets, "mode=max")).buildDefinition.externalParameters;
  expect(request.secrets).toEqual([{ id: "a" }, { id: "b", optional: true }]);
  expect(request.ssh).toEqual([{ id: "default", optional: true }]);
  const min = (await buildProvenance(secrets, "mode=min")).buildDefinition.externalParameters.request;
  expect(min).not.toHaveProperty("secrets");
  expect(min).not.toHaveProperty("ssh");
});

test.each([
  ["", true],
  ["--network=none", true],
  ["--network=default", false],
])("a build with RUN %s is hermetic: %s", async (flags, hermetic) => {
  const { metadata } = (await buildProvenance(flags === "" ? "FROM scratch\n" : run(flags), "true"))
    .runDetails;
  expect(metadata.buildkit_hermetic).toBe(hermetic);
});

test("secret values are left out in every mode", async () => {
  const buildargs = JSON.stringify({
    DB: "postgres://me:hush@db/x",
    NPM_TOKEN: "hush",
    SITE: "https://example.com/a@b",
  });
  const { request } = (await buildProvenance("FROM scratch\n", "mode=max", { buildargs })).buildDefinition
    .externalParameters;
  expect(request.args).toEqual({ "build-arg:SITE": "https://example.com/a@b", filename: "Dockerfile" });
});

test("options other than defaults are listed", async () => {
  const query = {
    compression: "zstd",
    timestamps: "fixed",
    rewritetimestamp: "true",
    sourcedateepoch: "7",
    target: "scratch-stage",
  };
  const { request } = (await buildProvenance("FROM scratch AS scratch-stage\n", "true", query))
    .buildDefinition.externalParameters;
  expect(request.args).toEqual({
    "build-arg:SOURCE_DATE_EPOCH": "7",
    compression: "zstd",
    filename: "Dockerfile",
    "rewrite-timestamp": "true",
    target: "scratch-stage",
    timestamps: "fixed",
  });
});
