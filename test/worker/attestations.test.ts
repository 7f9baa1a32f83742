import { expect, test } from "vitest";
import { ask, build, eventsOf, postBuild, problemIn } from "./server.ts";

const files = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "a" };
interface Referrers {
  manifests: { digest: string; artifactType: string; annotations: Record<string, string> }[];
}

test("requested attestations are referrers of the image and part of the result", async () => {
  const plain = await build(files, { t: "attested" });
  const query = { t: "attested", provenance: "mode=min", sbom: "true", attestations: "referrers" };
  const { id, digest } = await build(files, query);
  expect(digest).toBe(plain.digest);
  const answer = await ask(`/v2/attested/referrers/${digest}`);
  const { manifests } = await answer.json<Referrers>();
  expect(manifests.map(({ annotations }) => annotations["in-toto.io/predicate-type"]).sort()).toEqual([
    "https://slsa.dev/provenance/v1",
    "https://spdx.dev/Document",
  ]);
  const result = (await eventsOf(id)).at(-1);
  const attestations = result?.type === "result" ? (result.attestations ?? []) : [];
  expect(attestations.map((one) => one.digest).sort()).toEqual(manifests.map((one) => one.digest).sort());
  await build(files, query);
  const again = await (await ask(`/v2/attested/referrers/${digest}`)).json<Referrers>();
  expect(again).toEqual({ ...again, manifests });
});

test("attestations are in the index, like BuildKit's, and referrers of the image", async () => {
  interface Index {
    manifests: { digest: string; platform: object; annotations?: object }[];
  }
  interface Manifest {
    config: { digest: string };
    layers: { digest: string; mediaType: string; annotations: object }[];
  }
  const plain = await build(files, { t: "listed" });
  const { digest } = await build(files, { t: "listed", provenance: "true", sbom: "true" });
  const read = async <T>(path: string) => (await ask(`/v2/listed/${path}`)).json<T>();
  const [image, attestation, ...others] = (await read<Index>(`manifests/${digest}`)).manifests;
  expect(others).toEqual([]);
  expect(image).toMatchObject({ digest: plain.digest, platform: { os: "linux", architecture: "amd64" } });
  expect(attestation).toMatchObject({
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": plain.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
  });
  const { config, layers } = await read<Manifest>(`manifests/${attestation?.digest}`);
  expect(layers.map(({ mediaType }) => mediaType)).toEqual(Array(2).fill("application/vnd.in-toto+json"));
  expect(await read(`blobs/${config.digest}`)).toMatchObject({
    rootfs: { diff_ids: layers.map((layer) => layer.digest) },
  });
  for (const layer of layers) {
    const statement = await read<{ subject: { digest: { sha256: string } }[]; predicateType: string }>(
      `blobs/${layer.digest}`,
    );
    expect(`sha256:${statement.subject[0]?.digest.sha256}`).toBe(plain.digest);
    expect(layer.annotations).toEqual({ "in-toto.io/predicate-type": statement.predicateType });
  }
  const { manifests } = await read<Referrers>(`referrers/${plain.digest}`);
  expect(manifests).toHaveLength(2);
});

test("options are accepted in JSON too, and invalid ones are rejected", async () => {
  const json = (options: object) =>
    ask("/v1/builds?t=attested", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dockerfile: "FROM scratch\nLABEL a=b\n", options }),
    });
  expect((await json({ provenance: true, sbom: true })).status).toBe(200);
  expect((await json({ provenance: { mode: "min" } })).status).toBe(200);
  expect((await problemIn(await json({ provenance: { mode: "most" } }))).status).toBe(400);
  const problem = await problemIn(await postBuild(files, { provenance: "version=v0.2" }));
  expect(problem.status).toBe(400);
  expect(problem.detail).toContain('"version=v0.2" is not an option of provenance');
});
