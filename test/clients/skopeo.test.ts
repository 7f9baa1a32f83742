import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { announce, run } from "./programs.ts";
import { type Built, type Config, type Manifest, Suite, sha256 } from "./suite.ts";

let suite: Suite;
let hello: Built;
let multi: Built;
const source = (name: string) => `docker://${suite.host}/${name}`;
const copy = (...args: string[]) => run("skopeo", ["copy", "--quiet", "--src-tls-verify=false", ...args]);
const inspect = (...args: string[]) => run("skopeo", ["inspect", "--tls-verify=false", ...args]);

beforeAll(async () => {
  await announce("skopeo");
  suite = await Suite.start();
  hello = await suite.hello({ t: "hello" });
  multi = await suite.hello({ t: "multi", platform: "linux/amd64,linux/arm64,linux/arm/v7" });
  await suite.hello({ t: "hello:zstd", compression: "zstd" });
});
afterAll(() => suite?.[Symbol.asyncDispose]());

/** Names of the files whose names are digests. Verifies their contents. */
async function blobsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  for (const name of names) expect(sha256(await readFile(join(folder, name)))).toBe(name);
  return names.sort();
}

function blobsOf({ config, layers }: Manifest): string[] {
  const digests = [config.digest, ...layers.map(({ digest }) => digest)];
  return [...new Set(digests)].map((digest) => digest.slice("sha256:".length)).sort();
}

describe.each(["hello", "hello:zstd"])("%s", (name) => {
  const manifestPath = `hello/manifests/${name.split(":")[1] ?? "latest"}`;

  test("is copied to an OCI layout, byte by byte", async () => {
    const layout = join(suite.folder, `oci-${name.replace(":", "-")}`);
    await copy("--preserve-digests", source(name), `oci:${layout}:tag`);
    const bytes = await suite.get(manifestPath);
    const blobs = join(layout, "blobs/sha256");
    expect(new Uint8Array(await readFile(join(blobs, sha256(bytes))))).toEqual(bytes);
    const manifest = await suite.json<Manifest>(manifestPath);
    expect(await blobsIn(blobs)).toEqual([...blobsOf(manifest), sha256(bytes)].sort());
  });

  test("is copied to a folder, byte by byte", async () => {
    const folder = join(suite.folder, `dir-${name.replace(":", "-")}`);
    await copy("--preserve-digests", source(name), `dir:${folder}`);
    expect(new Uint8Array(await readFile(join(folder, "manifest.json")))).toEqual(
      await suite.get(manifestPath),
    );
    expect(await blobsIn(folder)).toEqual(blobsOf(await suite.json<Manifest>(manifestPath)));
  });
});

test("an index is copied with all its images", async () => {
  const layout = join(suite.folder, "oci-multi");
  await copy("--all", "--preserve-digests", source("multi"), `oci:${layout}`);
  const blobs = join(layout, "blobs/sha256");
  const name = multi.digest.slice("sha256:".length);
  expect(new Uint8Array(await readFile(join(blobs, name)))).toEqual(multi.bytes);
  const { manifests } = JSON.parse(new TextDecoder().decode(multi.bytes)) as {
    manifests: { digest: string }[];
  };
  expect(manifests).toHaveLength(3);
  const expected = new Set([name]);
  for (const { digest } of manifests) {
    expected.add(digest.slice("sha256:".length));
    for (const blob of blobsOf(await suite.json<Manifest>(`multi/manifests/${digest}`))) expected.add(blob);
  }
  expect(await blobsIn(blobs)).toEqual([...expected].sort());
});

test("an image is selected from an index by platform", async () => {
  for (const [override, architecture] of [
    ["--override-arch=arm64", "arm64"],
    ["--override-arch=amd64", "amd64"],
  ] as const) {
    const config = JSON.parse(
      await run("skopeo", [override, "inspect", "--config", "--tls-verify=false", source("multi")]),
    ) as Config;
    expect(config.architecture).toBe(architecture);
  }
});

test("inspect shows digest, tags and config", async () => {
  const inspected = JSON.parse(await inspect(source("hello"))) as { Digest: string; RepoTags: string[] };
  expect(inspected).toMatchObject({ Digest: hello.digest, RepoTags: ["latest", "zstd"] });
  const manifest = await suite.json<Manifest>("hello/manifests/latest");
  const config = await suite.json<Config>(`hello/blobs/${manifest.config.digest}`);
  expect(JSON.parse(await inspect("--config", source("hello")))).toEqual(config);
  expect(await inspect("--raw", source(`hello@${hello.digest}`))).toBe(new TextDecoder().decode(hello.bytes));
});

test("layers match the diffIDs of the config", async () => {
  // skopeo hashes the uncompressed layers when it compresses them again.
  const folder = join(suite.folder, "recompressed");
  await copy("--dest-compress-format=zstd", "--dest-compress", source("hello"), `dir:${folder}`);
  const recompressed = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Manifest;
  const manifest = await suite.json<Manifest>("hello/manifests/latest");
  expect(recompressed.config.digest).toBe(manifest.config.digest);
});
