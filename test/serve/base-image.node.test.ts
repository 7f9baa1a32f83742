import { afterAll, beforeAll, expect, test } from "vitest";
import { Images } from "../../src/client/images.ts";
import { Service } from "../../src/client/service.ts";
import { isStatic, provideBaseImage } from "../../src/serve/base-image.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { encodeMember, endOfArchive, padding } from "../../src/tar/write.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const folder = suiteFolder();
let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer({ port: 0, data: folder, assets: folder });
});
afterAll(async () => {
  await server.close();
});

test("builds the image of the lessons from this machine's busybox on first use", async () => {
  const images = new Images(new Service(server.url));
  expect(await namesOf(images)).toEqual([]);
  // Concurrent requests wait for the same build.
  const answers = await Promise.all(
    [1, 2, 3].map(() => fetch(`${server.url}/v2/varve/busybox/manifests/latest`, { method: "HEAD" })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
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

test("builds it only for a FROM with its name", async () => {
  const images = new Images(new Service(server.url));
  await images.remove({ name: "varve/busybox", reference: "latest" });
  const other = await fetch(`${server.url}/v2/varve/busybox/manifests/other`, { method: "HEAD" });
  expect(other.status).toBe(404);
  expect(await namesOf(images)).toEqual([]);
  const host = new URL(server.url).host;
  const dockerfile = Buffer.from(`FROM ${host}/varve/busybox\nCOPY Dockerfile /\n`);
  const body = new Uint8Array(
    Buffer.concat([
      encodeMember({
        type: "file",
        path: "Dockerfile",
        mode: 0o644,
        size: dockerfile.length,
        uid: 0,
        gid: 0,
        mtime: 0,
      }),
      dockerfile,
      padding(dockerfile.length),
      endOfArchive,
    ]),
  );
  const answer = await fetch(`${server.url}/v1/builds?t=on-base`, { method: "POST", body });
  expect(await answer.text()).toContain('"layers"');
  const names = await namesOf(images);
  expect(names.toSorted()).toEqual(["on-base", "varve/busybox"]);
});

test("builds it with the admin's token, for callers that may read it", async () => {
  using data = temporaryFolder();
  const closed = await startLocalServer({
    port: 0,
    data: data.path,
    assets: data.path,
    variables: { VARVE_ADMIN_TOKEN: "admin-token-of-this-test" },
  });
  try {
    const headers = { authorization: "Bearer admin-token-of-this-test" };
    const request = (sent: Record<string, string>) =>
      fetch(`${closed.url}/v2/varve/busybox/manifests/latest`, { method: "HEAD", headers: sent });
    expect((await request({})).status).toBe(401);
    const images = new Images(new Service(closed.url, { authorization: headers.authorization }));
    expect(await namesOf(images)).toEqual([]);
    expect((await request(headers)).status).toBe(200);
  } finally {
    await closed.close();
  }
});

test("recognises static programs", async () => {
  expect(await isStatic("/bin/busybox")).toBe(true);
  expect(await isStatic("/bin/tar")).toBe(false);
  expect(await isStatic("/etc/passwd")).toBe(false);
});

async function namesOf(images: Images): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of images.list()) names.push(name);
  return names;
}
