import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type Files, temporaryFolder } from "../helpers/temporary-folder.ts";
import { type RunOptions, startServer, varve } from "./server.ts";

const project: Files = {
  Dockerfile:
    "FROM scratch AS base\nCOPY one /etc/one\nCOPY one /etc/gone\nFROM base\nLABEL kind=test\nCOPY two /etc/two\nCOPY tree /\n",
  one: "1",
  two: { text: "22", mode: 0o600 },
  "tree/etc/one": "changed",
  "tree/bin/tool": { text: "#!/bin/sh\n", mode: 0o755 },
  "tree/bin/link": { link: "tool" },
  "tree/bin/out": { link: "/etc" },
};

let server: LocalServer & AsyncDisposable;
let other: LocalServer & AsyncDisposable;
const home = temporaryFolder(project);
const cache = temporaryFolder();

beforeAll(async () => {
  [server, other] = await Promise.all([startServer(), startServer()]);
  await ok(["build", "--progress=none", "-t", "team/app:1", "-t", "team/app:latest", home.path]);
});
afterAll(async () => {
  await Promise.all([server[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  home[Symbol.dispose]();
  cache[Symbol.dispose]();
});

function run(args: string[], options: RunOptions = {}) {
  const env = { VARVE_SERVER: server.url, XDG_CACHE_HOME: cache.path, ...options.env };
  return varve(args, { cwd: home.path, ...options, env });
}

async function ok(args: string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await run(args, options);
  expect({ args, status, stderr }).toMatchObject({ args, status: 0 });
  return stdout;
}

const lines = (text: string) => text.trimEnd().split("\n");

describe("the command prints", () => {
  test("images in docker's columns", async () => {
    const [titles, ...rows] = lines(await ok(["images"]));
    expect(titles?.split(/ {3,}/)).toEqual(["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"]);
    expect(rows.map((row) => row.split(/ {3,}/).slice(0, 2))).toEqual([
      ["team/app", "1"],
      ["team/app", "latest"],
    ]);
    const ids = lines(await ok(["images", "-q", "--no-trunc"]));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test("filtered images as JSON", async () => {
    const all = lines(await ok(["images", "--format", "json"])).map((line) => JSON.parse(line));
    expect(all).toMatchObject([
      { Repository: "team/app", Tag: "1" },
      { Repository: "team/app", Tag: "latest" },
    ]);
    expect(lines(await ok(["images", "-q", "team/app:1"]))).toHaveLength(1);
    expect(lines(await ok(["images", "-q", "-f", "label=kind=test", "-f", "reference=team/*"]))).toHaveLength(
      2,
    );
    expect(await ok(["images", "-q", "-f", "label=kind=no"])).toBe("");
    expect(await run(["images", "-f", "moon=1"])).toMatchObject({ status: 2 });
    expect(lines(await ok(["images", "--format", "{{.Repository}}:{{.Tag}}"]))).toContain("team/app:1");
    expect((await run(["images", "--format", "{{.ID"])).status).not.toBe(0);
  });

  test("the history of an image, the last step first", async () => {
    const rows = lines(await ok(["history", "team/app:1", "--format=json", "--no-trunc"])).map((line) =>
      JSON.parse(line),
    );
    expect(rows.map(({ CreatedBy }) => CreatedBy.split(" #")[0])).toEqual([
      "COPY tree /",
      "COPY two /etc/two",
      "LABEL kind=test",
      "COPY one /etc/gone",
      "COPY one /etc/one",
    ]);
    expect(rows[2]).toMatchObject({ ID: "<none>", Size: "0B" });
    expect(lines(await ok(["history", "team/app:1"]))[0]).toMatch(
      /^LAYER {10,}CREATED .*CREATED BY .*SIZE .*COMMENT$/,
    );
  });

  test("details of an image, in docker's format", async () => {
    const [image] = JSON.parse(await ok(["inspect", "team/app:1"]));
    expect(image).toMatchObject({
      RepoTags: ["team/app:1", "team/app:latest"],
      Architecture: "amd64",
      Os: "linux",
      Config: { Labels: { kind: "test" } },
    });
    expect(image.RootFS.Layers).toHaveLength(4);
    // Fields that the image does not have are empty, as with docker.
    const fields =
      "{{.Config.User}}{{.Variant}}|{{.Config.Entrypoint}}|{{.Config.Volumes}}|{{.Config.Missing}}";
    expect(await ok(["inspect", "-f", fields, "team/app:1"])).toBe("|[]|map[]|<no value>\n");
    const gone = await run(["inspect", "team/app:gone"]);
    expect(gone).toMatchObject({ status: 1, stdout: "" });
  });
});

test("tags are added and removed", async () => {
  await ok(["tag", "team/app:1", "team/other:2", "localhost:1/third"]);
  expect(lines(await ok(["images", "-f", "reference=t*/*:2", "--format=json"]))).toHaveLength(1);
  expect(await ok(["rmi", "team/other:2", "localhost:1/third"])).toBe(
    "Untagged: team/other:2\nUntagged: localhost:1/third:latest\n",
  );
  const again = await run(["rmi", "team/other:2"]);
  expect(again).toMatchObject({ status: 1, stdout: "" });
  expect(await ok(["rmi", "-f", "team/other:2"])).toBe("");
  expect(await run(["tag", "team/app:1", "UPPER"])).toMatchObject({ status: 2 });
});

describe("archives", () => {
  test("are saved and loaded", async () => {
    await ok(["save", "-o", "image.tar", "team/app:1"]);
    const names = execFileSync("tar", ["-tf", join(home.path, "image.tar")], { encoding: "utf8" });
    expect(names).toMatch(/^manifest\.json$/m);
    expect(names).toMatch(/^oci-layout$/m);
    const loaded = await ok(["load", "-i", "image.tar", "--server", other.url]);
    expect(loaded).toBe("Loaded image: team/app:1\n");
    const digests = await Promise.all(
      [server, other].map(({ url }) => ok(["images", "--server", url, "--format=json", "team/app:1"])),
    );
    expect(JSON.parse(digests[0] as string).Digest).toBe(JSON.parse(digests[1] as string).Digest);
    const stdin = readFileSync(join(home.path, "image.tar"));
    expect(await ok(["load", "-q", "--server", other.url], { stdin })).toBe("");
  });

  test("of a build are written as outputs", async () => {
    const build = ["build", "--progress=none", "-t", "team/app:1"];
    await ok([...build, "-o", "type=docker,dest=sub/docker.tar", "."]);
    const manifest = execFileSync("tar", ["-xOf", join(home.path, "sub/docker.tar"), "manifest.json"], {
      encoding: "utf8",
    });
    expect(JSON.parse(manifest)[0].RepoTags).toEqual(["team/app:1"]);
    await ok([...build, "-o", "type=oci,dest=layout,tar=false", "."]);
    const index = JSON.parse(readFileSync(join(home.path, "layout/index.json"), "utf8"));
    expect(index.manifests[0].annotations["org.opencontainers.image.ref.name"]).toBe("1");
  });

  test("contain the files of an image", async () => {
    const out = mkdtempSync(join(home.path, "out-"));
    writeFileSync(join(home.path, "victim"), "safe");
    // An existing file is replaced, and links are not followed.
    execFileSync("ln", ["-s", join(home.path, "victim"), join(out, "etc")]);
    await ok(["build", "--progress=none", "-o", out, "."]);
    const found = execFileSync("find", [".", "-printf", "%P %y %l\n"], { cwd: out, encoding: "utf8" });
    expect(
      lines(found)
        .map((line) => line.trim())
        .sort(),
    ).toEqual(
      [
        "bin d",
        "bin/link l tool",
        "bin/out l /etc",
        "bin/tool f",
        "etc d",
        "etc/gone f",
        "etc/one f",
        "etc/two f",
        "d",
      ].sort(),
    );
    expect(readFileSync(join(out, "etc/one"), "utf8")).toBe("changed");
    expect(readFileSync(join(home.path, "victim"), "utf8")).toBe("safe");
    expect(statSync(join(out, "etc/two")).mode & 0o777).toBe(0o600);
    expect(statSync(join(out, "bin/tool")).mode & 0o777).toBe(0o755);
    const tar = join(home.path, "files.tar");
    await ok(["build", "--progress=none", "-o", `type=tar,dest=${tar}`, "."]);
    expect(execFileSync("tar", ["-xOf", tar, "etc/one"], { encoding: "utf8" })).toBe("changed");
  });
});

describe("other registries", () => {
  const host = () => new URL(other.url).host;
  const ofOther = async (name: string) => {
    const answer = await fetch(`${other.url}/v2/${name.replace(":", "/manifests/")}`);
    return answer.headers.get("docker-content-digest");
  };

  test("receive only missing blobs", async () => {
    const digest = (await ok(["push", "--progress=plain", `${host()}/pushed/app:1`, "team/app:1"])).trim();
    expect(await ofOther("pushed/app:1")).toBe(digest);
    const again = await run(["push", `${host()}/pushed/app:2`, "team/app:1"]);
    expect(again).toMatchObject({ status: 0, stdout: `${digest}\n` });
    expect(await run(["push", "-q", `${host()}/pushed/app:2`, "team/app:1"])).toMatchObject({
      stdout: `${host()}/pushed/app:2\n`,
      stderr: "",
    });
  });

  test("receive a built image under the tags with their host", async () => {
    const name = `${host()}/built/app:3`;
    const { stdout, stderr } = await run(["build", "--push", "-t", "team/app:3", "-t", name, "."]);
    expect(await ofOther("built/app:3")).toBe(stdout.trim());
    expect(stderr).toContain(`pushing ${name}`);
    expect(stderr).not.toContain("pushing team/app:3");
    expect(stderr).not.toContain("WARNING");
    const own = await run(["build", "--push", "-q", "-t", "team/app:3", "."]);
    expect(own).toMatchObject({ status: 0, stderr: expect.stringContaining("WARNING: nothing was pushed") });
  });

  test("are sources of pull", async () => {
    await ok(["push", `${host()}/given/app:1`, "team/app:1"]);
    const digest = (await ok(["pull", `${host()}/given/app:1`])).trim();
    const [image] = JSON.parse(await ok(["inspect", `${host()}/given/app:1`]));
    expect(image.Descriptor.digest).toBe(digest);
    expect(image.RepoTags).toEqual([`${host()}/given/app:1`]);
    expect(await run(["inspect", "given/app:1"])).toMatchObject({ status: 1 });
    // A pulled image is pushed to its own registry.
    expect((await ok(["push", "-q", `${host()}/given/app:1`])).trim()).toBe(`${host()}/given/app:1`);
  });

  test("must be in the name of a pushed image, and failures have their exit codes", async () => {
    const refused = await run(["push", "team/app:1"]);
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("HINT: Add the registry to the name, e.g. docker.io/team/app:1.");
    const gone = await run(["push", `${host()}/x/y:1`, "team/app:gone"]);
    expect(gone).toMatchObject({ status: 1, stdout: "" });
    const unreachable = await run(["push", "127.0.0.1:2/x/y:1", "team/app:1"]);
    expect(unreachable).toMatchObject({ status: 4, stdout: "" });
  });
});
