import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announce, run } from "./programs.ts";
import { Suite } from "./suite.ts";

let suite: Suite;
const buildah = (...args: string[]) =>
  run("buildah", [
    `--root=${join(suite.folder, "buildah")}`,
    `--runroot=${join(suite.folder, "run-buildah")}`,
    "--storage-driver=vfs",
    ...args,
  ]);

beforeAll(async () => {
  await announce("buildah");
  suite = await Suite.start();
  await suite.hello({ t: "hello" });
});
afterAll(() => suite?.[Symbol.asyncDispose]());

test("begins a container from an image, and finds its files and config", async () => {
  const container = await buildah("from", "--quiet", "--tls-verify=false", `${suite.host}/hello`);
  const root = await buildah("mount", container);
  try {
    expect(await readFile(join(root, "site/greeting.txt"), "utf8")).toBe("Hello from varve\n");
    const { uid, gid } = await stat(join(root, "site/index.html"));
    expect([uid, gid]).toEqual([65534, 65534]);
  } finally {
    await buildah("umount", container);
  }
  expect(
    await buildah("inspect", "--format={{.OCIv1.Config.User}} {{.OCIv1.Config.WorkingDir}}", container),
  ).toBe("65534:65534 /site");
  await buildah("rm", container);
});
