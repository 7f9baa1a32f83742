import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Daemon, startDockerd } from "./daemons.ts";
import { announce } from "./programs.ts";
import { Suite } from "./suite.ts";

/** The server that docker takes for its daemon, and one that is a registry elsewhere. */
let bench: Suite;
let elsewhere: Suite;
let dockerd: Daemon;

beforeAll(async () => {
  await announce("docker");
  [bench, elsewhere] = await Promise.all([Suite.start(), Suite.start()]);
  dockerd = await startDockerd(join(bench.folder, "docker"));
  await mkdir(join(bench.folder, "context"));
  await copyFile("/bin/busybox", join(bench.folder, "context", "busybox"));
  await writeFile(
    join(bench.folder, "context", "Dockerfile"),
    'FROM scratch\nARG WHAT=nothing\nLABEL what=$WHAT\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "echo", "it runs"]\n',
  );
});

afterAll(async () => {
  await dockerd.stop();
  await bench[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

/** The docker CLI with the server as its daemon. */
const docker = (...args: string[]) =>
  bench.runWith({ DOCKER_HOST: `tcp://${bench.host}`, DOCKER_BUILDKIT: "0" }, "docker", ...args);
/** The same with a real daemon. */
const real = (...args: string[]) =>
  bench.runWith({ DOCKER_HOST: `unix://${dockerd.socket}` }, "docker", ...args);
const lines = (text: string) => text.trimEnd().split("\n");

test("finds out which version both speak", async () => {
  const versions = await docker(
    "version",
    "--format",
    "{{.Client.APIVersion}} {{.Server.APIVersion}} {{.Server.Os}}",
  );
  expect(versions).toMatch(/^1\.\d+ 1\.47 linux\n$/);
  expect(await docker("info", "--format", "{{.Driver}} {{.OSType}}")).toBe("varve linux\n");
});

describe("docker build", () => {
  test("builds, tells the steps, and names the image", async () => {
    const told = await docker(
      "build",
      "-t",
      "engine/app:1",
      "--build-arg",
      "WHAT=this",
      "--iidfile",
      "id",
      "context",
    );
    expect(told).toMatch(/Step 1\/1 : COPY busybox \/bin\/busybox\n ---> [0-9a-f]{12}\n/);
    expect(told).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged engine\/app:1\n$/);
    const id = (await bench.run("cat", "id")).trim();
    expect(await docker("images", "-q", "--no-trunc", "engine/app")).toBe(`${id}\n`);
    expect(await docker("build", "-q", "-t", "engine/app:1", "--build-arg", "WHAT=this", "context")).toBe(
      `${id}\n`,
    );
    expect(
      await docker("inspect", "--format", "{{.Id}} {{.Config.Labels.what}} {{.Os}}", "engine/app:1"),
    ).toBe(`${id} this linux\n`);
  });

  test("ends with the reason when it cannot", async () => {
    await writeFile(join(bench.folder, "context", "Broken"), "FROM scratch\nCOPY none /\n");
    await expect(docker("build", "-f", "context/Broken", "context")).rejects.toThrow(/"\/none": not found/);
  });
});

describe("docker images", () => {
  test("lists, tells the history, tags and removes", async () => {
    const rows = lines(await docker("history", "--format", "{{.CreatedBy}}", "--no-trunc", "engine/app:1"));
    expect(rows).toEqual([
      'CMD ["/bin/busybox" "echo" "it runs"]',
      "COPY busybox /bin/busybox # buildkit",
      "LABEL what=this",
      "ARG WHAT=this",
    ]);
    await docker("tag", "engine/app:1", "engine/app:2");
    const listed = () => docker("images", "--format", "{{.Repository}}:{{.Tag}}", "engine/*");
    expect(lines(await listed()).sort()).toEqual(["engine/app:1", "engine/app:2"]);
    expect(await docker("rmi", "engine/app:2")).toBe("Untagged: engine/app:2\n");
    expect(lines(await listed())).toEqual(["engine/app:1"]);
    await expect(docker("rmi", "engine/none")).rejects.toThrow(/No such image: engine\/none/);
  });

  test("saves what a real docker loads and runs, and loads what that saves", async () => {
    await docker("save", "-o", "saved.tar", "engine/app:1");
    expect(await real("load", "-i", "saved.tar")).toBe("Loaded image: engine/app:1\n");
    expect(await real("run", "--rm", "engine/app:1")).toBe("it runs\n");
    await real("tag", "engine/app:1", "engine/back:3");
    await real("save", "-o", "back.tar", "engine/back:3");
    expect(await docker("load", "-i", "back.tar")).toBe("Loaded image: engine/back:3\n");
    const id = "{{.Id}}";
    expect(await docker("inspect", "--format", id, "engine/back:3")).toBe(
      await real("inspect", "--format", id, "engine/back:3"),
    );
    await real("rmi", "-f", "engine/app:1", "engine/back:3");
    expect(await real("run", "--rm", `${bench.host}/engine/back:3`)).toBe("it runs\n");
    await real("rmi", "-f", `${bench.host}/engine/back:3`);
  });

  test("pulls from another registry, and keeps what is pushed where it is", async () => {
    const there = await elsewhere.hello({ t: "there/hello:1" });
    const name = `${elsewhere.host}/there/hello:1`;
    const pulled = await docker("pull", name);
    expect(pulled).toContain(`Digest: ${there.digest}`);
    expect(await bench.get("there/hello/manifests/1")).toEqual(there.bytes);
    const pushed = await docker("push", `${bench.host}/there/hello:1`);
    expect(pushed).toContain(`1: digest: ${there.digest} size: ${there.bytes.length}`);
    await expect(docker("push", name)).rejects.toThrow(/is not supported/);
    await expect(docker("pull", `${elsewhere.host}/there/none:1`)).rejects.toThrow(/not found/);
  });

  test("prunes", async () => {
    expect(await docker("image", "prune", "-f")).toMatch(/Total reclaimed space: /);
    expect(await docker("builder", "prune", "-f")).toMatch(/Total reclaimed space: /);
  });
});

test("says of containers that there are none", async () => {
  await expect(docker("ps")).rejects.toThrow(/is not supported: this server builds and keeps images/);
  await expect(docker("run", "--rm", "engine/app:1")).rejects.toThrow(/is not supported/);
});
