import { describe, expect, test } from "vitest";
import type { SpdxDocument } from "../../../schemas/attestations.ts";
import { parseReference } from "../../../src/oci/reference.ts";
import { repositoryOf } from "../../../src/registry/names.ts";
import { StoreRegistry } from "../../../src/registry/store/store-registry.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { OWN_HOST } from "../../helpers/memory-world.ts";
import { Bench, type Files } from "./bench.ts";

const status = "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\n";
const files: Files = {
  Dockerfile: "FROM scratch\nARG LEVEL\nARG API_TOKEN\nLABEL level=$LEVEL$API_TOKEN\nCOPY root /\n",
  "root/var/lib/dpkg/status": status,
  "root/etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
};

test("an image has no attestations unless they are requested", async () => {
  const bench = new Bench();
  const { result } = await bench.build({}, files);
  expect(await bench.statements(result.descriptor.digest)).toEqual([]);
  expect(result).not.toHaveProperty("attestations");
});

test("the image is the same with attestations beside it as without", async () => {
  const bench = new Bench();
  const plain = await bench.build({}, files);
  const attested = await bench.build({ provenance: "true", sbom: "true" }, files);
  expect(attested.result.descriptor).toEqual(plain.result.descriptor);
  expect(attested.id).not.toBe(plain.id);
  const found = await bench.statements(plain.result.descriptor.digest);
  expect(found.map(({ predicateType }) => predicateType).sort()).toEqual([
    "https://slsa.dev/provenance/v1",
    "https://spdx.dev/Document",
  ]);
  expect(attested.result.attestations).toHaveLength(2);
});

test("the same build has the same attestations on another server too", async () => {
  const [one, two] = [new Bench(), new Bench()];
  const query = { provenance: "mode=max", sbom: "1", timestamps: "fixed" };
  const first = await one.build(query, files);
  expect((await one.build(query, files)).result).toEqual(first.result);
  expect((await two.build(query, files)).result).toEqual(first.result);
});

test("every image of an index has its own attestations", async () => {
  const bench = new Bench();
  const query = { platform: "linux/amd64,linux/arm64", provenance: "true" };
  const { result } = await bench.build(query, files);
  expect(result.descriptor.mediaType).toContain("index");
  expect(await bench.statements(result.descriptor.digest)).toEqual([]);
  const names: string[] = [];
  for (const { subject } of result.attestations ?? []) {
    const [about] = await bench.statements(subject);
    names.push(about?.subject[0]?.name ?? "");
  }
  expect(names).toEqual([
    `pkg:docker/${OWN_HOST}/team/app@1?platform=linux%2Famd64`,
    `pkg:docker/${OWN_HOST}/team/app@1?platform=linux%2Farm64`,
  ]);
});

describe("provenance", () => {
  const buildargs = JSON.stringify({ LEVEL: "3", API_TOKEN: "hush", UNUSED: "x" });
  const labels = JSON.stringify({ "com.example.a": "b" });

  test("of mode max lists the options, without values named as secrets", async () => {
    const provenance = await new Bench().provenance({ provenance: "mode=max", buildargs, labels }, files);
    const { configSource, request } = provenance.buildDefinition.externalParameters;
    expect(configSource).toEqual({
      path: "Dockerfile",
      digest: { sha256: sha256(files.Dockerfile as string).slice("sha256:".length) },
    });
    expect(request).toEqual({
      frontend: "dockerfile.v0",
      args: { "build-arg:LEVEL": "3", filename: "Dockerfile", "label:com.example.a": "b" },
      locals: [{ name: "context" }, { name: "dockerfile" }],
    });
    const { metadata } = provenance.runDetails;
    expect(metadata.buildkit_completeness).toEqual({ request: false, resolvedDependencies: true });
    expect(atob(metadata.buildkit_metadata?.source.infos[0]?.data ?? "")).toBe(files.Dockerfile);
    expect(JSON.stringify(provenance)).not.toContain("hush");
  });

  test("of mode min has neither arguments nor labels nor the Dockerfile", async () => {
    const provenance = await new Bench().provenance({ provenance: "mode=min", buildargs, labels }, files);
    expect(provenance.buildDefinition.externalParameters.request.args).toEqual({ filename: "Dockerfile" });
    expect(provenance.runDetails.metadata).not.toHaveProperty("buildkit_metadata");
    expect(provenance.runDetails.metadata.buildkit_completeness.request).toBe(false);
  });

  test("names the build, and the builder that the client names", async () => {
    const bench = new Bench();
    const query = { provenance: "builder-id=https://ci.example/runs/1,reproducible=true" };
    const provenance = await bench.provenance(query, files);
    expect(provenance.runDetails.builder.id).toBe("https://ci.example/runs/1");
    expect(provenance.runDetails.metadata).toMatchObject({
      invocationId: (await bench.build(query, files)).id,
      buildkit_reproducible: true,
      buildkit_hermetic: true,
    });
    const usual = await new Bench().provenance({ provenance: "true" }, files);
    expect(usual.runDetails.builder.id).toBe(`https://${OWN_HOST}`);
  });

  test("lists images and contexts by their digests", async () => {
    const bench = new Bench();
    const base = await bench.build({ t: "base:2" }, files);
    const on = { Dockerfile: `FROM ${OWN_HOST}/base:2\nCOPY a /\n`, a: "a" };
    const provenance = await bench.provenance({ provenance: "true" }, on);
    const context = await contextOf(bench.world.store, on);
    const hex = (digest: string) => digest.slice("sha256:".length);
    expect(provenance.buildDefinition.resolvedDependencies).toEqual([
      {
        uri: `pkg:docker/${OWN_HOST}/base@2?platform=linux%2Famd64`,
        digest: { sha256: hex(base.result.descriptor.digest) },
      },
      { name: "context", digest: { sha256: hex(context.digest) } },
    ]);
  });
});

test("an image with names in two repositories has one index", async () => {
  const bench = new Bench();
  const query = { provenance: "mode=max", attestations: "index" };
  const { result } = await bench.build(query, files, ["team/app:1", "registry.example/team/app:2"]);
  const registry = new StoreRegistry(bench.world.store);
  const other = repositoryOf(parseReference("registry.example/team/app"), OWN_HOST);
  for (const repository of ["team/app", other]) {
    const { descriptor } = await registry.readManifest(repository, result.descriptor.digest);
    expect(descriptor.digest).toBe(result.descriptor.digest);
  }
  const index = await registry.readManifest("team/app", result.descriptor.digest);
  const [image] = (JSON.parse(new TextDecoder().decode(index.bytes)) as { manifests: { digest: string }[] })
    .manifests;
  const [about] = await bench.statements(image?.digest ?? "");
  expect(about?.subject.map(({ name }) => name)).toEqual([
    `pkg:docker/${OWN_HOST}/team/app@1?platform=linux%2Famd64`,
    "pkg:docker/registry.example/team/app@2?platform=linux%2Famd64",
  ]);
});

test("the SBOM lists the packages of the merged tree, for any layers", async () => {
  const bench = new Bench();
  await bench.build({ t: "base:2" }, files);
  const on = {
    Dockerfile: `FROM ${OWN_HOST}/base:2\nCOPY m /app/node_modules/m\nCOPY status /var/lib/dpkg/\n`,
    "m/package.json": '{"name":"m","version":"1.0.0","license":"MIT"}',
    status: status.replace("libc6", "libssl3"),
  };
  const { result } = await bench.build({ sbom: "true", sourcedateepoch: "1700000000" }, on);
  const [only] = await bench.statements(result.descriptor.digest);
  const { packages, creationInfo } = (only as { predicate: SpdxDocument }).predicate;
  expect(creationInfo.created).toBe("2023-11-14T22:13:20Z");
  expect(packages.flatMap(({ externalRefs }) => externalRefs.map((ref) => ref.referenceLocator))).toEqual([
    `pkg:oci/app@${result.descriptor.digest}?repository_url=${OWN_HOST}%2Fteam%2Fapp`,
    "pkg:deb/debian/libssl3@2.36-9?arch=amd64&distro=debian-12",
    "pkg:npm/m@1.0.0",
  ]);
});
