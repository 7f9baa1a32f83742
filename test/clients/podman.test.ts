import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { announce, run } from "./programs.ts";
import { type Built, esbuildVersion, type Manifest, Suite } from "./suite.ts";

let suite: Suite;
let hello: Built;

beforeAll(async () => {
  await announce("podman");
  suite = await Suite.start();
  hello = await suite.hello({ t: "hello" });
  await suite.hello({ t: "hello:zstd", compression: "zstd" });
  await suite.hello({ t: "hello:multi", platform: "linux/amd64,linux/arm64" });
});
afterAll(() => suite?.[Symbol.asyncDispose]());

describe.each(["overlay", "vfs"])("with storage of %s", (driver) => {
  const podman = (...args: string[]) =>
    run("podman", [
      `--root=${join(suite.folder, driver)}`,
      `--runroot=${join(suite.folder, `run-${driver}`)}`,
      `--tmpdir=${join(suite.folder, `tmp-${driver}`)}`,
      `--storage-driver=${driver}`,
      "--cgroup-manager=cgroupfs",
      "--events-backend=none",
      ...args,
    ]);
  const pull = (name: string, ...args: string[]) =>
    podman("pull", "--quiet", "--tls-verify=false", ...args, `${suite.host}/${name}`);

  /** crun does not support both versions of cgroups at once, so such machines use runc. */
  async function start(...args: string[]): Promise<string> {
    const options = ["run", "--rm", "--network=none", ...args];
    try {
      return await podman("--runtime=crun", ...options);
    } catch (error) {
      if (!/cgroups in hybrid mode|executable file .*crun.* not found|crun: no such file/.test(String(error)))
        throw error;
      return podman("--runtime=runc", ...options);
    }
  }

  test("pulls an image and runs it", async () => {
    const manifest = await suite.json<Manifest>("hello/manifests/latest");
    expect(`sha256:${await pull("hello")}`).toBe(manifest.config.digest);
    expect(await start("--entrypoint=/usr/bin/esbuild", `${suite.host}/hello`, "--version")).toBe(
      await esbuildVersion(),
    );
  });

  test("pulls by digest", async () => {
    await pull(`hello@${hello.digest}`);
    const digests = await podman(
      "image",
      "inspect",
      "--format={{.Digest}}",
      `${suite.host}/hello@${hello.digest}`,
    );
    expect(digests).toBe(hello.digest);
  });

  test("pulls layers of zstd and runs them", async () => {
    await pull("hello:zstd");
    expect(await start("--entrypoint=/usr/bin/esbuild", `${suite.host}/hello:zstd`, "--version")).toBe(
      await esbuildVersion(),
    );
  });

  test("pulls an image for another platform from an index", async () => {
    const id = await pull("hello:multi", "--platform=linux/arm64");
    expect(await podman("image", "inspect", "--format={{.Architecture}}", id)).toBe("arm64");
  });
});
