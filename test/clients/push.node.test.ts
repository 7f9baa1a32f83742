import { spawn } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { MANIFEST_TYPES } from "../../src/oci/media-types.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { testImage, testIndex } from "../registry/test-image.ts";
import { noise } from "../streams/source.ts";
import { type Daemon, startDockerd } from "./daemons.ts";
import { readLayout, writeLayout } from "./layout.ts";
import { Suite } from "./suite.ts";

interface AnyManifest {
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
  manifests: Descriptor[];
}

let bench: Suite;
let dockerd: Daemon;
/** As `127.0.0.1:8787/`, for names of images. */
let at: string;

beforeAll(async () => {
  bench = await Suite.start();
  at = `${bench.host}/`;
  dockerd = await startDockerd(join(bench.folder, "docker"));
  process.env.DOCKER_HOST = `unix://${dockerd.socket}`;
  await mkdir(join(bench.folder, "context"));
  await copyFile("/bin/busybox", join(bench.folder, "context", "busybox"));
  await writeFile(
    join(bench.folder, "context", "Dockerfile"),
    'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "echo", "it runs"]\n',
  );
});

afterAll(async () => {
  delete process.env.DOCKER_HOST;
  await dockerd.stop();
  await bench[Symbol.asyncDispose]();
});

async function manifestOf(name: string, reference: string): Promise<AnyManifest & { digest: string }> {
  const headers = { Accept: MANIFEST_TYPES.join(", ") };
  const response = await bench.ask(`${name}/manifests/${reference}`, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const digest = response.headers.get("Docker-Content-Digest") ?? "";
  expect([response.status, sha256(bytes)]).toEqual([200, digest]);
  return { ...JSON.parse(new TextDecoder().decode(bytes)), digest };
}

/** Checks every blob of an image against its descriptor, by HEAD and by GET. */
async function expectSound(name: string, reference: string): Promise<AnyManifest> {
  const manifest = await manifestOf(name, reference);
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    const head = await bench.ask(`${name}/blobs/${digest}`, { method: "HEAD" });
    expect(head.headers.get("Content-Length")).toBe(String(size));
    const got = await bench.ask(`${name}/blobs/${digest}`);
    expect(sha256(new Uint8Array(await got.arrayBuffer()))).toBe(digest);
  }
  return manifest;
}

const docker = (...args: string[]) => bench.run("docker", ...args);

describe("docker", () => {
  const images: string[] = [];
  const named = (name: string) => {
    images.push(at + name);
    return at + name;
  };
  afterAll(async () => {
    for (const image of images) await docker("rmi", "-f", image).catch(() => {});
  });

  test("pushes, mounts into another repository, pulls and runs", async () => {
    const [first, second] = [named("docker/first:1"), named("docker/second:1")];
    await bench.runWith({ DOCKER_BUILDKIT: "1" }, "docker", "build", "-q", "-t", first, "context");
    const id = await docker("image", "inspect", "-f", "{{.Id}}", first);
    await docker("push", first);
    await expectSound("docker/first", "1");
    await docker("tag", first, second);
    expect(await docker("push", second)).toContain("Mounted from docker/first");
    await expectSound("docker/second", "1");
    await docker("rmi", first, second);
    await docker("pull", second);
    expect(await docker("image", "inspect", "-f", "{{.Id}}", second)).toBe(id);
    expect(await docker("run", "--rm", "--network", "none", second)).toBe("it runs\n");
  });

  test("creates a manifest list", async () => {
    const list = `${at}docker/first:list`;
    await docker("manifest", "create", "--insecure", list, `${at}docker/first:1`);
    await docker("manifest", "annotate", "--arch", "arm64", list, `${at}docker/first:1`);
    const said = await docker("manifest", "push", "--insecure", "--purge", list);
    expect(said).toContain((await manifestOf("docker/first", "list")).digest);
    const { manifests } = await manifestOf("docker/first", "list");
    expect(manifests).toMatchObject([{ platform: { architecture: "arm64" } }]);
  });
});

describe("skopeo", () => {
  const skopeo = (...args: string[]) => bench.run("skopeo", ...args);
  const remote = (name: string) => `docker://${at}${name}`;
  const insecure = { source: "--src-tls-verify=false", target: "--dest-tls-verify=false" };
  const copy = (...args: string[]) => skopeo("copy", "-q", "--all", "--preserve-digests", ...args);
  const image = testIndex({
    "linux/amd64": testImage(["shared", "amd64"]),
    "linux/arm64": testImage(["shared", "arm64"], "linux/arm64"),
  });

  test("copies every platform in, across and out, byte for byte", async () => {
    const [there, back] = [join(bench.folder, "there"), join(bench.folder, "back")];
    await writeLayout(there, image);
    await copy(insecure.target, `oci:${there}:1`, remote("skopeo/a:1"));
    await copy(insecure.source, insecure.target, remote("skopeo/a:1"), remote("skopeo/b:1"));
    await copy(insecure.source, remote("skopeo/b:1"), `oci:${back}:1`);
    expect(await readLayout(back)).toEqual(await readLayout(there));
    for (const { descriptor } of image.manifests) await expectSound("skopeo/b", descriptor.digest);
    const digest = await skopeo("inspect", "--tls-verify=false", "-f", "{{.Digest}}", remote("skopeo/b:1"));
    expect(digest.trim()).toBe(image.descriptor.digest);
  });

  test("lists tags, and deletes by digest with all tags", async () => {
    await copy(insecure.source, insecure.target, remote("skopeo/a:1"), remote("skopeo/a:2"));
    const listed = await skopeo("list-tags", "--tls-verify=false", remote("skopeo/a"));
    expect(JSON.parse(listed).Tags).toEqual(["1", "2"]);
    await skopeo("delete", "--tls-verify=false", remote("skopeo/a:1"));
    expect(await (await bench.ask("skopeo/a/tags/list")).json()).toMatchObject({ tags: [] });
    expect((await bench.ask("skopeo/b/manifests/1")).status).toBe(200);
  });
});

describe("buildah and podman", () => {
  let storage: string[];
  const buildah = (...args: string[]) => bench.run("buildah", ...storage, ...args);
  const podman = (...args: string[]) =>
    bench.runWith({ PODMAN_IGNORE_CGROUPSV1_WARNING: "1" }, "podman", ...storage, ...args);
  let id: string;

  beforeAll(async () => {
    storage = [
      ...["--root", join(bench.folder, "storage"), "--runroot", join(bench.folder, "run")],
      ...["--storage-driver", "vfs"],
    ];
    const container = (await buildah("from", "scratch")).trim();
    await buildah("copy", "-q", container, "context/busybox", "/bin/busybox");
    id = (await buildah("commit", "-q", container, "made")).trim();
  });

  test.each(["gzip", "zstd", "zstd:chunked"])(
    "push layers of %s, and pull them again",
    async (compression) => {
      const name = `buildah/${compression.replace(":", "-")}`;
      const pushing = ["--tls-verify=false", "--compression-format", compression, "--force-compression"];
      await buildah("push", "-q", ...pushing, id, `docker://${at}${name}:1`);
      const { layers } = await expectSound(name, "1");
      expect(layers[0]?.mediaType).toMatch(compression === "gzip" ? /gzip$/ : /zstd$/);
      await podman("rmi", "-f", id);
      const pulled = await podman("pull", "-q", "--tls-verify=false", `docker://${at}${name}:1`);
      expect(pulled.trim()).toBe(id);
    },
  );

  test("podman pushes", async () => {
    await podman("push", "-q", "--tls-verify=false", id, `docker://${at}podman/app:1`);
    await expectSound("podman/app", "1");
  });

  test("buildah pushes an index and its manifests", async () => {
    await buildah("manifest", "create", "several");
    await buildah("manifest", "add", "--tls-verify=false", "several", `docker://${at}podman/app:1`);
    await buildah(
      "manifest",
      "push",
      "-q",
      "--all",
      "--tls-verify=false",
      "several",
      `docker://${at}buildah/several:1`,
    );
    const { manifests } = await manifestOf("buildah/several", "1");
    expect(manifests).toHaveLength(1);
    await expectSound("buildah/several", manifests[0]?.digest ?? "");
  });
});

describe("oras", () => {
  const oras = (...args: string[]) => bench.run("oras", ...args);

  test("pushes an artifact, attaches to it, finds and copies both", async () => {
    await writeFile(join(bench.folder, "a.bin"), noise(3_000_000));
    await writeFile(join(bench.folder, "sbom.json"), "{}");
    const type = "application/vnd.example.sbom+json";
    await oras("push", "--plain-http", `${at}oras/a:1`, "a.bin:application/x-own");
    await oras("attach", "--plain-http", "--artifact-type", type, `${at}oras/a:1`, "sbom.json");
    await oras("cp", "-r", "--from-plain-http", "--to-plain-http", `${at}oras/a:1`, `${at}oras/b:1`);
    const found = await oras(
      "discover",
      "--plain-http",
      "--format",
      "json",
      "--artifact-type",
      type,
      `${at}oras/b:1`,
    );
    const [referrer, ...others] = JSON.parse(found).manifests as Descriptor[];
    expect([referrer?.artifactType, others]).toEqual([type, []]);
    await expectSound("oras/b", referrer?.digest ?? "");
    await oras("pull", "--plain-http", "-o", "pulled", `${at}oras/b:1`);
    const pulled = await readFile(join(bench.folder, "pulled", "a.bin"));
    expect(sha256(pulled)).toBe(sha256(noise(3_000_000)));
  });

  test("lists repositories and tags, and deletes", async () => {
    expect(await oras("repo", "ls", "--plain-http", bench.host)).toContain("oras/a\noras/b\n");
    await oras("tag", "--plain-http", `${at}oras/a:1`, "2", "3");
    expect(await oras("repo", "tags", "--plain-http", `${at}oras/a`)).toBe("1\n2\n3\n");
    await oras("manifest", "delete", "--plain-http", "-f", `${at}oras/a:1`);
    expect((await bench.ask("oras/a/manifests/3")).status).toBe(404);
  });
});

describe("cosign", () => {
  const cosign = (...args: string[]) =>
    bench.runWith({ COSIGN_PASSWORD: "secret", COSIGN_EXPERIMENTAL: "1" }, "cosign", ...args);

  test("signs with a key, as a referrer, and verifies", async () => {
    const image = testImage(["signed"]);
    await writeLayout(join(bench.folder, "signed"), image);
    await bench.run(
      "skopeo",
      "copy",
      "-q",
      "--preserve-digests",
      "--dest-tls-verify=false",
      "oci:signed:1",
      `docker://${at}cosign/app:1`,
    );
    const reference = `${at}cosign/app@${image.descriptor.digest}`;
    await cosign("generate-key-pair");
    const signing = ["--key", "cosign.key", "--tlog-upload=false", "--allow-http-registry", "-y"];
    await cosign("sign", ...signing, "--registry-referrers-mode=oci-1-1", reference);
    const verifying = ["--key", "cosign.pub", "--insecure-ignore-tlog", "--allow-http-registry"];
    const verified = await cosign("verify", ...verifying, "--experimental-oci11", reference);
    expect(verified).toContain(image.descriptor.digest);
    expect(await (await bench.ask("cosign/app/tags/list")).json()).toEqual({
      name: "cosign/app",
      tags: ["1"],
    });
    const other = testImage(["not signed"]);
    await writeLayout(join(bench.folder, "unsigned"), other);
    await bench.run(
      "skopeo",
      "copy",
      "-q",
      "--preserve-digests",
      "--dest-tls-verify=false",
      "oci:unsigned:1",
      `docker://${at}cosign/app:2`,
    );
    const unsigned = `${at}cosign/app@${other.descriptor.digest}`;
    await expect(cosign("verify", ...verifying, "--experimental-oci11", unsigned)).rejects.toThrow(
      /no signatures/,
    );
  });
});

describe("ctr", () => {
  test("pushes an imported image and pulls it again", async () => {
    const root = join(bench.folder, "containerd");
    await mkdir(root);
    const config = [
      "version = 2",
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      `root = "${root}/root"`,
      `state = "${root}/state"`,
      `[grpc]\naddress = "${root}/socket"`,
    ];
    await writeFile(join(root, "config.toml"), config.join("\n"));
    const daemon = spawn("containerd", ["--config", join(root, "config.toml")], { stdio: "ignore" });
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    const ctr = (...args: string[]) => bench.run("ctr", "--address", join(root, "socket"), ...args);
    try {
      await until(() => ctr("version"));
      await bench.run("docker", "build", "-q", "-t", "varve-test-ctr:1", "context");
      await bench.run("docker", "save", "-o", "ctr.tar", "varve-test-ctr:1");
      await bench.run("docker", "rmi", "varve-test-ctr:1");
      await ctr("images", "import", "--no-unpack", "--index-name", `${at}ctr/app:1`, "ctr.tar");
      const local = "docker.io/library/varve-test-ctr:1";
      await ctr("images", "push", "--plain-http", `${at}ctr/app:1`, local);
      const { digest } = await manifestOf("ctr/app", "1");
      await ctr("images", "rm", "--sync", local, `${at}ctr/app:1`);
      await ctr("content", "fetch", "--plain-http", `${at}ctr/app:1`);
      expect(await ctr("images", "ls")).toContain(digest);
    } finally {
      daemon.kill();
      await ended;
      await rm(root, { recursive: true, force: true });
    }
  });
});

/** Waits until something works, ten seconds at most. */
async function until(attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 100; ; tries--) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
