import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { writeLargeLayout } from "./image-layout.ts";
import { ADMIN_TOKEN, type Lab, startLab } from "./lab.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = suiteFolder();
let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const credentials = ["--dest-creds", `admin:${ADMIN_TOKEN}`, "--dest-tls-verify=false"];
/** The script of docs/http.md that sends a context in parts. */
async function documentedScript(): Promise<string> {
  const text = await readFile(join(root, "docs/http.md"), "utf8");
  const [, script] = /## Bodies above the limit of a proxy\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(text) ?? [];
  return script as string;
}

test("skopeo pushes layers below the limit, and gets the page of the front above it", async () => {
  const [below, above] = [join(folder, "below"), join(folder, "above")];
  await writeLargeLayout(below, [20_000_000, 5_000_000, 100]);
  await run("skopeo", ["copy", ...credentials, `oci:${below}:1`, `docker://${lab.host}/pushed/app:1`]);
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await lab.fetch("/v2/pushed/app/manifests/1", { headers: { accept } });
  const { layers } = (await manifest.json()) as { layers: { digest: string }[] };
  expect(layers).toHaveLength(3);
  for (const { digest } of layers) {
    const head = await lab.fetch(`/v2/pushed/app/blobs/${digest}`, { method: "HEAD" });
    expect(head.status).toBe(200);
  }
  await writeLargeLayout(above, [lab.limits.bodyBytes + 1_000_000]);
  const pushing = run("skopeo", [
    "copy",
    ...credentials,
    `oci:${above}:1`,
    `docker://${lab.host}/pushed/app:2`,
  ]);
  await expect(pushing).rejects.toThrow(/blobs\/uploads|413/);
});

test("a context above the limit is built by the documented loop of curl", async () => {
  const context = join(folder, "context");
  await mkdir(context);
  await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY small.txt /\n");
  await writeFile(join(context, "small.txt"), "small");
  await writeFile(join(context, "random"), randomBytes(lab.limits.bodyBytes + 1_000_000));
  const args = ["-sS", "-H", `Authorization: Bearer ${ADMIN_TOKEN}`, "-T", "-", "-X", "POST"];
  const single = `tar -c . | curl ${args.map((arg) => `'${arg}'`).join(" ")} '${lab.url}/v1/builds?t=single'`;
  expect((await run("sh", ["-c", single], { cwd: context })).stdout).toContain("<h1>413");
  const env = { PATH: process.env.PATH, server: lab.url, name: "large/app", VARVE_TOKEN: ADMIN_TOKEN };
  const { stdout } = await run("sh", ["-e", "-c", await documentedScript()], { cwd: context, env });
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 2, layers: [{}] });
});

test("an image with a layer above the limit is loaded by the same loop", async () => {
  const load = (await documentedScript()).replace("/v1/builds?", "/v1/images/load?");
  const env = { PATH: process.env.PATH, server: lab.url, name: "loaded/app", VARVE_TOKEN: ADMIN_TOKEN };
  const { stdout } = await run("sh", ["-e", "-c", load], { cwd: join(folder, "above"), env });
  expect(JSON.parse(stdout)).toMatchObject({ images: [{ name: "loaded/app", tag: "latest" }] });
});

test("an upload that does not exist, or belongs to another caller, is not accepted as a body", async () => {
  const missing = "/v2/large/app/blobs/uploads/00000000-0000-0000-0000-000000000000";
  const answers = [
    await lab.fetch(`/v1/builds?t=x&body=${missing}`, { method: "POST" }),
    await lab.fetch("/v1/builds?t=x&body=/v2/_jobs/1/blobs/uploads/2", { method: "POST" }),
    await fetch(`${lab.url}/v1/builds?t=x&body=${missing}`, { method: "POST" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 400, 401]);
  for (const answer of answers) await answer.text();
});

test("varve build sends a folder above the limit", async () => {
  await using small = await startLab({ bodyBytes: 40_000_000 });
  const context = join(folder, "folder");
  await mkdir(context);
  await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  await writeFile(join(context, "random"), randomBytes(small.limits.bodyBytes + 1_000_000));
  const varve = `${join(root, "node_modules/.bin/node")} ${join(root, "src/cli/varve.ts")}`;
  const env = { PATH: process.env.PATH, HOME: folder, VARVE_TOKEN: ADMIN_TOKEN, VARVE_SERVER: small.url };
  await run("sh", ["-c", `${varve} build -t client/app .`], { cwd: context, env });
  const answer = await small.fetch("/v2/client/app/manifests/latest", { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(small.front.refused()).toBe(0);
  const archive = run("sh", ["-c", `tar -c . | ${varve} build -t client/app -`], { cwd: context, env });
  await expect(archive).rejects.toThrow(
    /(status 413|connection ended while the body was sent)[\s\S]*varve build <folder>/,
  );
});
