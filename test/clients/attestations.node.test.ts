import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { predicateTypes, statement } from "../../schemas/attestations.ts";
import { archive, member } from "../tar/archive.ts";
import { Suite } from "./suite.ts";

let bench: Suite;
let image: string;
let digest: string;

const context = archive(
  member({ path: "Dockerfile" }, "FROM scratch\nCOPY status /var/lib/dpkg/\nCOPY m /app/node_modules/m\n"),
  member(
    { path: "status" },
    "Package: libc6\nStatus: install ok installed\nVersion: 2.41-12\nArchitecture: amd64\n",
  ),
  member({ path: "m/package.json" }, '{"name":"m","version":"1.0.0","license":"MIT"}'),
);

async function build(query: string): Promise<{ digest: string; type: string | null }> {
  const answer = await fetch(`http://${bench.host}/v1/builds?t=team/app${query}`, {
    method: "POST",
    body: context,
  });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
  return {
    digest: answer.headers.get("docker-content-digest") ?? "",
    type: answer.headers.get("content-type"),
  };
}

/** What oras finds about the image: the digest of the artifact with this predicate. */
async function artifact(predicate: string): Promise<string> {
  const found = JSON.parse(
    await bench.run("oras", "discover", "--plain-http", "--format", "json", `${image}:latest`),
  );
  const fits = (found.manifests ?? found.referrers).filter(
    (one: { annotations: Record<string, string> }) =>
      one.annotations["in-toto.io/predicate-type"] === predicate,
  );
  expect(fits).toMatchObject([{ artifactType: "application/vnd.in-toto+json" }]);
  return fits[0].digest;
}

/** The statement in an artifact, as oras pulls it. */
async function statementOf(predicate: string) {
  const manifest = JSON.parse(
    await bench.run("oras", "manifest", "fetch", "--plain-http", `${image}@${await artifact(predicate)}`),
  );
  const file = join(bench.folder, "statement.json");
  const blob = `${image}@${manifest.layers[0].digest}`;
  await bench.run("oras", "blob", "fetch", "--plain-http", "--output", file, blob);
  return statement.parse(JSON.parse(await readFile(file, "utf8")));
}

beforeAll(async () => {
  bench = await Suite.start();
  image = `${bench.host}/team/app`;
  const plain = await build("");
  const attested = await build("&provenance=mode=max&sbom=true&attestations=referrers");
  expect(attested).toEqual(plain);
  expect(attested.type).toBe("application/vnd.oci.image.manifest.v1+json");
  digest = attested.digest;
});
afterAll(() => bench?.[Symbol.asyncDispose]());

test("oras discovers and pulls the SBOM and the provenance", async () => {
  const hex = digest.slice("sha256:".length);
  const provenance = await statementOf(predicateTypes.provenance);
  expect(provenance.subject).toMatchObject([{ digest: { sha256: hex } }]);
  const sbom = await statementOf(predicateTypes.sbom);
  expect(JSON.stringify(sbom)).toContain("pkg:deb/debian/libc6@2.41-12?arch=amd64");
  expect(JSON.stringify(sbom)).toContain("pkg:npm/m@1.0.0");
});

test("skopeo can copy the image without the index", async () => {
  const layout = join(bench.folder, "layout");
  await bench.run(
    "skopeo",
    "copy",
    "--src-tls-verify=false",
    `docker://${image}:latest`,
    `oci:${layout}:latest`,
  );
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8"));
  expect(index.manifests).toMatchObject([{ digest }]);
});

test.each([
  ["slsaprovenance1", predicateTypes.provenance],
  ["spdxjson", predicateTypes.sbom],
])("cosign signs, verifies and shows attestations of %s", async (type, predicate) => {
  const cosign = (...args: string[]) => bench.runWith({ COSIGN_PASSWORD: "" }, "cosign", ...args);
  const prefix = join(bench.folder, type);
  await cosign("generate-key-pair", "--output-key-prefix", prefix);
  const { predicate: recorded } = await statementOf(predicate);
  await writeFile(`${prefix}.json`, JSON.stringify(recorded));
  const reference = `${image}@${digest}`;
  const common = ["--allow-http-registry", "--type", type];
  await cosign(
    ...["attest", "--yes", "--tlog-upload=false", ...common],
    ...["--key", `${prefix}.key`, "--predicate", `${prefix}.json`, reference],
  );
  const verified = await cosign(
    ...["verify-attestation", "--insecure-ignore-tlog", ...common, "--key", `${prefix}.pub`, reference],
  );
  const payload = JSON.parse(atob(JSON.parse(verified.trim().split("\n").at(-1) ?? "").payload));
  // cosign leaves out fields that it does not know, such as BuildKit's own.
  const { buildDefinition, packages }: Record<string, unknown> = { ...recorded };
  expect(payload.predicate).toMatchObject({ ...(buildDefinition ? { buildDefinition } : { packages }) });
  expect(await cosign("tree", "--allow-http-registry", reference)).toContain("Attestations for an image tag");
});

test("docker buildx imagetools shows both from the index", async () => {
  const answer = await fetch(`http://${bench.host}/v1/builds?t=team/listed&provenance=mode=max&sbom=true`, {
    method: "POST",
    body: context,
  });
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
  const inspect = async (field: string) =>
    JSON.parse(
      await bench.run(
        "docker",
        ...["buildx", "imagetools", "inspect", `${bench.host}/team/listed`, "--format", `{{json .${field}}}`],
      ),
    );
  expect((await inspect("Provenance")).SLSA.buildDefinition.buildType).toContain("slsa-definitions");
  expect(JSON.stringify((await inspect("SBOM")).SPDX)).toContain("pkg:npm/m@1.0.0");
});
