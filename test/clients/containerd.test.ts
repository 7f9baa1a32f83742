import { afterAll, beforeAll, expect, test } from "vitest";
import { type Daemon, startContainerd } from "./daemons.ts";
import { announce, run } from "./programs.ts";
import { type Built, esbuildVersion, Suite } from "./suite.ts";

let suite: Suite;
let daemon: Daemon;
let hello: Built;
const ctr = (...args: string[]) => run("ctr", ["--address", daemon.socket, ...args]);
const pull = (name: string, ...args: string[]) =>
  ctr("images", "pull", "--plain-http", ...args, `${suite.host}/${name}`);

beforeAll(async () => {
  await announce("containerd");
  await announce("ctr");
  suite = await Suite.start();
  hello = await suite.hello({ t: "hello" });
  await suite.hello({ t: "hello:zstd", compression: "zstd" });
  await suite.hello({ t: "hello:multi", platform: "linux/amd64,linux/arm64" });
  daemon = await startContainerd(suite.folder);
});
afterAll(async () => {
  await daemon?.stop();
  await suite?.[Symbol.asyncDispose]();
});

test.each(["hello:latest", "hello:zstd"])("pulls %s and runs it", async (name) => {
  await pull(name);
  const image = `${suite.host}/${name}`;
  const container = name.replace(":", "-");
  expect(await ctr("run", "--rm", image, container, "/usr/bin/esbuild", "--version")).toBe(
    await esbuildVersion(),
  );
});

test("lists an image under its digest", async () => {
  await pull("hello:latest");
  const listed = await ctr("images", "list", `name==${suite.host}/hello:latest`);
  expect(listed).toContain(hello.digest);
});

test("pulls by digest", async () => {
  await pull(`hello@${hello.digest}`);
});

test("pulls all images of an index", async () => {
  await pull("hello:multi", "--all-platforms");
  const checked = await ctr("images", "check", `name==${suite.host}/hello:multi`);
  expect(checked).toMatch(/complete/);
});
