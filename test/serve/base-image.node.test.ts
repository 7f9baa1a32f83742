import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Images } from "../../src/client/images.ts";
import { Service } from "../../src/client/service.ts";
import { isStatic, provideBaseImage } from "../../src/serve/base-image.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";

let folder: string;
let server: LocalServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "varve-base-"));
  server = await startLocalServer({ port: 0, data: folder, assets: folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test("builds the image of the lessons from the busybox of this machine, once", async () => {
  expect(await provideBaseImage(server.url, { token: "" })).toEqual({ kind: "built" });
  const images = new Images(new Service(server.url));
  const image = await images.inspect({ name: "varve/busybox", reference: "latest" });
  expect(image.config).toMatchObject({ Cmd: ["sh"], Env: ["PATH=/bin"] });
  expect(image.layers).toHaveLength(1);
  const files = new Map<string, string>();
  for await (const { path, type, mode, linkname } of images.files({
    name: "varve/busybox",
    reference: "latest",
  }))
    files.set(path, `${type} ${mode.toString(8)} ${linkname ?? ""}`.trim());
  expect(files.get("bin/busybox")).toBe("file 755");
  expect(files.get("bin/sh")).toBe("symlink 777 busybox");
  expect(files.get("tmp")).toBe("dir 1777");
  expect(files.size).toBeGreaterThan(200);
  expect(await provideBaseImage(server.url, { token: "" })).toEqual({ kind: "exists" });
});

test("tells programs that need no loader from others", async () => {
  expect(await isStatic("/bin/busybox")).toBe(true);
  expect(await isStatic("/bin/tar")).toBe(false);
  expect(await isStatic("/etc/passwd")).toBe(false);
});
