import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { type Files, temporaryFolder } from "../helpers/temporary-folder.ts";
import { type RunOptions, startServer, varve } from "./server.ts";

let server: LocalServer & AsyncDisposable;
const cache = temporaryFolder();
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  cache[Symbol.dispose]();
});

const project: Files = {
  Dockerfile: "FROM scratch\nCOPY . /\n",
  ".dockerignore": "*.log\n",
  a: "1\n",
  "b.log": "2",
};

async function build(args: string[], options: RunOptions = {}): Promise<string> {
  const env = { VARVE_SERVER: server.url, XDG_CACHE_HOME: cache.path, ...options.env };
  const { status, stdout, stderr } = await varve(["build", "--progress=none", ...args], { ...options, env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

async function config(
  digest: string,
): Promise<{ created: string; config: { Labels?: Record<string, string> } }> {
  const repository = `${server.url}/v2/builds`;
  const manifest = (await (await fetch(`${repository}/manifests/${digest}`)).json()) as {
    config: { digest: string };
  };
  return (await fetch(`${repository}/blobs/${manifest.config.digest}`)).json() as never;
}

function git(folder: string, ...args: string[]): string {
  const env = { ...process.env, GIT_COMMITTER_DATE: "1700000000 +0000", GIT_AUTHOR_DATE: "1700000000 +0000" };
  const who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"];
  return execFileSync("git", ["-C", folder, ...who, ...args], { env, encoding: "utf8" }).trim();
}

/** A repository over HTTP, as any web server can show it. */
async function gitServer(files: Files) {
  const folder = temporaryFolder(files);
  git(folder.path, "init", "-q");
  git(folder.path, "add", ".");
  git(folder.path, "commit", "-qm", "one");
  git(folder.path, "update-server-info");
  const served = await serveLoopback((request, response) => {
    const path = (request.url ?? "").replace(/^\/repo\.git/, "").replace(/\?.*/, "");
    try {
      response.end(readFileSync(join(folder.path, ".git", path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  return {
    url: `${served.origin}/repo.git`,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe("the same context gives the same image", () => {
  test("from a folder, a tar in a file, a tar on stdin and a URL", async () => {
    using folder = temporaryFolder(project);
    using other = temporaryFolder();
    const tar = execFileSync("tar", ["-C", folder.path, "-cf", "-", "."]);
    const file = join(other.path, "context.tar");
    writeFileSync(file, tar);
    await using web = await serveLoopback((_, response) => response.end(tar));
    const digest = await build([folder.path]);
    expect(await build([file])).toBe(digest);
    expect(await build(["-"], { stdin: tar })).toBe(digest);
    expect(await build([`${web.origin}/context.tar`])).toBe(digest);
  });

  test("from a git repository, a reference and a folder in it", async () => {
    using folder = temporaryFolder(project);
    await using repository = await gitServer({
      "sub/Dockerfile": "FROM scratch\nCOPY . /\n",
      "sub/a": "1\n",
      top: "",
    });
    await using whole = await gitServer(project);
    expect(await build([`${whole.url}#main`])).toBe(await build([folder.path]));
    using sub = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY . /\n", a: "1\n" });
    expect(await build([`${repository.url}#main:sub`])).toBe(await build([sub.path]));
    const gone = await varve(["build", `${repository.url}#gone`], { env: { VARVE_SERVER: server.url } });
    expect(gone).toMatchObject({ status: 1, stdout: "" });
    expect(gone.stderr).toContain("ERROR: git fetch failed");
  });
});

test("options are sent with an archive", async () => {
  using folder = temporaryFolder({ "other/D": "FROM scratch\nARG A\nLABEL a=$A\n" });
  const tar = execFileSync("tar", ["-C", folder.path, "-cf", "-", "."]);
  const args = ["-f", "other/D", "--build-arg", "A=1", "--label", "b=2", "--source-date-epoch", "5", "-"];
  const { created, config: own } = await config(await build(args, { stdin: tar }));
  expect({ created, labels: own.Labels }).toEqual({
    created: "1970-01-01T00:00:05Z",
    labels: { a: "1", b: "2" },
  });
});

test("files have the times of the folder, also after a change of times only", async () => {
  using folder = temporaryFolder({
    Dockerfile: "FROM scratch\nCOPY m /m\n",
    "m/a.py": "A = 1\n",
    "m/b.txt": "b",
    "m/a.pyc": "1",
  });
  const touch = (path: string, seconds: number) =>
    execFileSync("touch", ["-h", "-d", `@${seconds}`, join(folder.path, path)]);
  const listed = async () => {
    const tar = join(folder.path, "out.tar");
    await build(["-t", "times/folder", "-o", `type=tar,dest=${tar}`, folder.path]);
    const list = execFileSync("tar", ["--utc", "-tvf", tar], { encoding: "utf8" });
    return list
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("d"))
      .map((line) => line.replace(/^.* (\S+ \S+) (\S+)$/, "$2 $1"));
  };
  for (const path of ["m/a.py", "m/b.txt", "m/a.pyc"]) touch(path, 1_000_000_000.5);
  expect(await listed()).toEqual([
    "m/a.py 2001-09-09 01:46",
    "m/a.pyc 2001-09-09 01:46",
    "m/b.txt 2001-09-09 01:46",
  ]);
  touch("m/a.py", 1_100_000_000);
  touch("m/b.txt", 1_100_000_000);
  await listed();
  // Bytecode contains the time of its source.
  writeFileSync(join(folder.path, "m/a.pyc"), "2");
  touch("m/a.pyc", 1_200_000_000);
  expect(await listed()).toEqual([
    "m/a.py 2004-11-09 11:33",
    "m/a.pyc 2008-01-10 21:20",
    "m/b.txt 2001-09-09 01:46",
  ]);
});

test("the time of the image is that of the build, or fixed, or that of the environment or of the commit", async () => {
  using folder = temporaryFolder(project);
  git(folder.path, "init", "-q");
  git(folder.path, "add", ".");
  git(folder.path, "commit", "-qm", "one");
  const created = async (args: string[], env = {}) =>
    (await config(await build([...args, folder.path], { env }))).created;
  const began = Date.now();
  const made = Date.parse(await created([]));
  expect(made).toBeGreaterThanOrEqual(began - 1000);
  expect(made).toBeLessThanOrEqual(Date.now());
  expect(await created(["--timestamps=fixed"])).toBe("1980-01-01T00:00:00Z");
  expect(await created([], { SOURCE_DATE_EPOCH: "1600000000" })).toBe("2020-09-13T12:26:40Z");
  expect(await created(["--source-date-epoch=context"])).toBe("2023-11-14T22:13:20Z");
  using plain = temporaryFolder(project);
  const refused = await varve(["build", "--source-date-epoch=context", plain.path], {
    env: { VARVE_SERVER: server.url },
  });
  expect(refused.stderr).toContain("is not in a git repository with a commit");
});

test("named contexts are folders, git repositories and OCI layouts", async () => {
  await using repository = await gitServer({ g: "git" });
  using folder = temporaryFolder({
    "named/n": "named",
    "named/skipped": "",
    "named/.dockerignore": "skipped\n.dockerignore\n",
    "base/Dockerfile": "FROM scratch\nCOPY b /\nLABEL base=yes\n",
    "base/b": "base",
    Dockerfile: "FROM base\nCOPY --from=named . /\nCOPY --from=repo . /\n",
  });
  const at = { cwd: folder.path };
  await build(["-t", "base", "-o", "type=oci,dest=layout,tar=false", "base"], at);
  const args = ["--build-context", "named=named", "--build-context", `repo=${repository.url}`];
  await build([...args, "--build-context", "base=oci-layout://layout", "-o", "out", "."], at);
  expect(execFileSync("ls", ["-A", join(folder.path, "out")], { encoding: "utf8" })).toBe("b\ng\nn\n");
  const wrong = await varve(["build", "--build-context", "x=gone", "."], {
    ...at,
    env: { VARVE_SERVER: server.url },
  });
  expect(wrong.stderr).toContain('invalid context source "gone" for x: no such folder');
});

test("requested stages are executed again", async () => {
  using folder = temporaryFolder({
    Dockerfile:
      "FROM scratch AS one\nCOPY a /\nFROM scratch AS two\nCOPY a /b\nFROM scratch\nCOPY --from=one a /\nCOPY --from=two b /\n",
    a: "1",
  });
  await build([folder.path]);
  const env = { VARVE_SERVER: server.url, XDG_CACHE_HOME: cache.path };
  const { stderr } = await varve(["build", "--progress=plain", "--no-cache-filter=ONE", folder.path], {
    env,
  });
  const cached = [...stderr.matchAll(/^#(\d+) CACHED$/gm)].map(([, number]) => {
    return new RegExp(`^#${number} (\\[.*)$`, "m").exec(stderr)?.[1];
  });
  // A step that copies its files is found by their digests, as in BuildKit.
  expect(cached).toEqual([
    "[two 1/1] COPY a /b",
    "[stage-2 1/2] COPY --from=one a /",
    "[stage-2 2/2] COPY --from=two b /",
  ]);
  expect(stderr).toMatch(/\[one 1\/1\] COPY a \/\n#\d+ DONE/);
});

test("--call prints reports and builds nothing", async () => {
  const dockerfile =
    "# VERSION of it\nARG VERSION=1\n# base holds tools\nFROM scratch AS base\nRUN --mount=type=secret,id=key,required x\nFROM base\nARG WHO\n";
  using folder = temporaryFolder({ Dockerfile: dockerfile });
  const run = async (...args: string[]) => {
    return (await varve(["build", ...args, folder.path], { env: { VARVE_SERVER: server.url } })).stdout;
  };
  expect(await run("--call=targets")).toBe("TARGET      DESCRIPTION\nbase        holds tools\n(default)\n");
  expect(await run("--call=outline")).toBe(
    "BUILD ARG   VALUE   DESCRIPTION\nVERSION     1       of it\nWHO\n\nSECRET   REQUIRED\nkey      true\n",
  );
  expect(JSON.parse(await run("--call=outline,format=json", "--target=base"))).toMatchObject({
    name: "base",
    description: "holds tools",
    args: [{ name: "VERSION", value: "1" }],
  });
  const checked = await varve(["build", "--check", folder.path], { env: { VARVE_SERVER: server.url } });
  expect(checked).toMatchObject({ status: 0, stdout: "Check complete, no warnings found.\n" });
});
