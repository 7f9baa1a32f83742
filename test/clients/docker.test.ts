import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Entry } from "../../src/tar/entry.ts";
import { readTar } from "../../src/tar/read.ts";
import { freePort } from "../helpers/free-port.ts";
import { isInLab } from "../helpers/test-server.ts";
import { startDebianRegistry } from "../registry/debian-registry.ts";
import { type Daemon, startDockerd } from "./daemons.ts";
import { announce, run } from "./programs.ts";
import { type Built, type Config, esbuildVersion, example, type Manifest, program, Suite } from "./suite.ts";

let suite: Suite;
let daemon: Daemon;
let hello: Built;
const docker = (...args: string[]) => run("docker", ["--host", `unix://${daemon.socket}`, ...args]);

beforeAll(async () => {
  await announce("docker");
  await announce("dockerd");
  suite = await Suite.start();
  hello = await suite.hello({ t: "hello" });
  daemon = await startDockerd(suite.folder);
  console.log(`docker's storage: ${await docker("info", "--format", "{{.Driver}}")}`);
});
afterAll(async () => {
  await daemon?.stop();
  await suite?.[Symbol.asyncDispose]();
});

/** Runs the web server of the image in the machine's network, and requests a page. */
async function pageOf(image: string, path: string): Promise<string> {
  const port = await freePort();
  const id = await docker("run", "--detach", "--network=host", image, `--serve=127.0.0.1:${port}`);
  try {
    for (let tries = 0; ; tries++) {
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`).catch(() => undefined);
      if (answer?.ok) return await answer.text();
      if (tries === 100) throw new Error(`No page: ${await docker("logs", id)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await docker("rm", "--force", id);
  }
}

test("pulls an image by name, and runs it", async () => {
  const image = `${suite.host}/hello`;
  expect(await docker("pull", "--quiet", image)).toBe(`${image}:latest`);
  expect(await pageOf(image, "greeting.txt")).toBe("Hello from varve\n");
  expect(await pageOf(image, "")).toContain("<html");
});

test("shows the built config", async () => {
  const image = `${suite.host}/hello`;
  await docker("pull", "--quiet", image);
  const [inspected] = JSON.parse(await docker("image", "inspect", image));
  const manifest = await suite.json<Manifest>("hello/manifests/latest");
  const config = await suite.json<Config>(`hello/blobs/${manifest.config.digest}`);
  expect(inspected.Id).toBe(manifest.config.digest);
  expect(inspected.RepoDigests).toEqual([`${image}@${hello.digest}`]);
  expect(inspected.RootFS.Layers).toEqual(config.rootfs.diff_ids);
  expect({ os: inspected.Os, architecture: inspected.Architecture }).toEqual({
    os: config.os,
    architecture: config.architecture,
  });
  expect(inspected.Config).toMatchObject(config.config);
  const history = await docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image);
  expect(history.split("\n")[0]).toBe(
    'ENTRYPOINT ["/usr/bin/esbuild" "--servedir=/site" "--serve=0.0.0.0:8000" "--watch=forever"]',
  );
});

test("finds the files with their owners", async () => {
  const image = `${suite.host}/hello`;
  await docker("pull", "--quiet", image);
  const id = await docker("create", image);
  const exported = join(suite.folder, "exported.tar");
  await docker("export", "--output", exported, id);
  await docker("rm", id);
  const entries = new Map<string, Entry>();
  for await (const { entry } of readTar(createReadStream(exported))) entries.set(entry.path, entry);
  const timeOf = (path: string) => Math.floor(statSync(path).mtimeMs / 1000);
  const times = [join(example, "public/index.html"), program].map(timeOf);
  expect(entries.get("site/index.html")).toMatchObject({
    uid: 65534,
    gid: 65534,
    mode: 0o644,
    mtime: times[0],
  });
  expect(entries.get("usr/bin/esbuild")).toMatchObject({ uid: 0, gid: 0, mode: 0o755, mtime: times[1] });
  expect(entries.get("usr/bin")).toMatchObject({ type: "dir", mode: 0o755 });
});

test("pulls by digest", async () => {
  const image = `${suite.host}/hello@${hello.digest}`;
  expect(await docker("pull", "--quiet", image)).toBe(image);
});

test("pulls layers of zstd", async () => {
  await suite.hello({ t: "hello:zstd", compression: "zstd" });
  const manifest = await suite.json<Manifest>("hello/manifests/zstd");
  expect(manifest.layers[0]?.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
  const image = `${suite.host}/hello:zstd`;
  await docker("pull", "--quiet", image);
  expect(await pageOf(image, "greeting.txt")).toBe("Hello from varve\n");
});

test("pulls an image for another platform from an index", async () => {
  await suite.hello({ t: "hello:multi", platform: "linux/amd64,linux/arm64" });
  const image = `${suite.host}/hello:multi`;
  await docker("pull", "--quiet", "--platform=linux/arm64", image);
  expect(await docker("image", "inspect", "--format", "{{.Architecture}}", image)).toBe("arm64");
});

test("pulls only changed layers", async () => {
  await docker("pull", "--quiet", `${suite.host}/hello`);
  await suite.hello({ t: "hello:2", buildargs: '{"GREETING":"Hello again"}' });
  const progress = await docker("pull", `${suite.host}/hello:2`);
  expect(progress.match(/Already exists/g)).not.toBeNull();
  expect(await pageOf(`${suite.host}/hello:2`, "greeting.txt")).toBe("Hello again\n");
});

// A deployed Worker reaches no registry of this machine.
describe.skipIf(isInLab)("an image with a base from another registry", () => {
  test("runs", async () => {
    const registry = await startDebianRegistry();
    try {
      // The base is an index, in the format of OCI and in that of Docker.
      const files = {
        Dockerfile: "FROM scratch\nARG TARGETARCH\nCOPY esbuild /bin/\nLABEL base=$TARGETARCH\n",
      };
      await suite.build(files, { t: "base", platform: "linux/amd64,linux/arm64" });
      for (const format of ["oci", "v2s2"]) {
        const target = `${registry.host}/team/base:${format}`;
        await run("skopeo", [
          "copy",
          "--quiet",
          "--all",
          `--format=${format}`,
          "--src-tls-verify=false",
          "--dest-tls-verify=false",
          `docker://${suite.host}/base`,
          `docker://${target}`,
        ]);
        // A server that has none of the layers.
        await using other = await Suite.start();
        const Dockerfile = `FROM ${target}\nCOPY hello /site/hello\nENTRYPOINT ["/bin/esbuild"]\n`;
        await other.build({ Dockerfile, hello: "on a base" }, { t: "onbase" });
        const image = `${other.host}/onbase`;
        await docker("pull", "--quiet", image);
        expect(await docker("image", "inspect", "--format", "{{.Config.Labels.base}}", image)).toBe("amd64");
        expect(await docker("run", "--rm", "--network=none", image, "--version")).toBe(
          await esbuildVersion(),
        );
      }
    } finally {
      await registry[Symbol.asyncDispose]();
    }
  });
});
