import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { type Files, temporaryFolder, write } from "../helpers/temporary-folder.ts";
import { noise } from "../streams/source.ts";
import { type RunOptions, startServer, varve } from "./server.ts";

const project: Files = {
  Dockerfile: "FROM scratch\nCOPY . /app\n",
  ".dockerignore": "*.log\n",
  "src/main.js": "console.log(1);\n",
  "src/lib/": "",
  "bin/tool": { text: "#!/bin/sh\n", mode: 0o755 },
  "bin/link": { link: "tool" },
  "debug.log": "not sent",
  "naïve/ö.txt": "ü",
};

let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Runs the command against the server, with `cache` as its cache folder (default: an empty one). */
async function run(args: string[], { env = {}, ...options }: RunOptions & { cache?: string } = {}) {
  using empty = temporaryFolder();
  const cache = options.cache ?? empty.path;
  return await varve(args, { ...options, env: { VARVE_SERVER: server.url, XDG_CACHE_HOME: cache, ...env } });
}

/** Digest of the manifest of what curl builds from a tar. */
function builtByTar(folder: string, name: string): string {
  const command = `tar --create --file - . | curl --silent --fail-with-body --request POST --upload-file - "$1" | sha256sum`;
  const hex = execFileSync("sh", ["-c", command, "-", `${server.url}/v1/builds?t=${name}`], { cwd: folder });
  return `sha256:${hex.toString().slice(0, 64)}`;
}

describe("equal folders give the same image", () => {
  test("by tar and by the command, with any owner and time", async () => {
    using folder = temporaryFolder(project);
    const digest = builtByTar(folder.path, "by-tar");
    const plain = await run(["build", "-t", "by-listing", "-q", folder.path]);
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    const manifest = await fetch(`${server.url}/v2/by-listing/manifests/latest`);
    expect(manifest.headers.get("docker-content-digest")).toBe(digest);
    const { config } = (await manifest.json()) as { config: { digest: string } };
    expect(plain.stdout).toBe(`${config.digest}\n`);

    using other = temporaryFolder();
    const copy = join(other.path, "copy");
    cpSync(folder.path, copy, { recursive: true, verbatimSymlinks: true });
    // A checkout with umask 077: no other user can read it.
    for (const path of execFileSync("find", [copy, "!", "-type", "l"]).toString().trim().split("\n")) {
      chmodSync(path, path.endsWith("/bin/tool") || !/\.\w+$|file$/.test(path) ? 0o700 : 0o600);
      utimesSync(path, 1, 1);
    }
    const umasked = await run(["build", "-t", "private", copy], { umask: "077" });
    expect(umasked).toMatchObject({ status: 0, stdout: `${digest}\n` });
  });

  test.runIf(process.getuid?.() === 0)("as root and as another user", async () => {
    using folder = temporaryFolder(project);
    using cache = temporaryFolder();
    const nobody = 65534;
    execFileSync("chown", ["-R", String(nobody), folder.path]);
    chmodSync(folder.path, 0o755);
    chownSync(cache.path, nobody, nobody);
    const root = await run(["build", "-t", "root", folder.path]);
    const user = await run(["build", "-t", "user", folder.path], { uid: nobody, cache: cache.path });
    expect(user).toMatchObject({ status: 0, stdout: root.stdout });
  });
});

/** Requests that reach the server through `proxy`, and bytes of their bodies. */
async function countingProxy() {
  const { createServer, request } = await import("node:http");
  const seen: { line: string; bytes: number }[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const entry = { line: `${incoming.method} ${incoming.url?.replace(/[0-9a-f]{64}/, "…")}`, bytes: 0 };
    seen.push(entry);
    incoming.on("data", (chunk: Uint8Array) => {
      entry.bytes += chunk.length;
    });
    const { hostname, port } = new URL(server.url);
    const headers = { ...incoming.headers, host: `${hostname}:${port}` };
    const onward = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, seen, close: () => proxy.close() };
}

test("only changes are sent", { timeout: 30_000 }, async () => {
  using folder = temporaryFolder({
    ...project,
    "big.bin": noise(5_000_000),
    "src/data.txt": "x".repeat(10_000),
  });
  using cache = temporaryFolder();
  const proxy = await countingProxy();
  const build = () =>
    run(["build", "-t", "travel", "--progress", "quiet", folder.path], {
      cache: cache.path,
      env: { VARVE_SERVER: proxy.url },
    });
  const lines = () => proxy.seen.splice(0).map(({ line }) => line);
  try {
    const first = await build();
    expect(first.status).toBe(0);
    expect(lines()).toEqual(
      expect.arrayContaining(["POST /v1/builds?t=travel&runner=spare", "POST /v1/contexts?scope=travel"]),
    );

    const second = await build();
    expect(second.stdout).toBe(first.stdout);
    expect(lines()).toEqual(["POST /v1/builds?t=travel&runner=spare"]);

    write(folder.path, { "src/data.txt": noise(10_000) });
    const third = await build();
    expect(third.status).toBe(0);
    expect(third.stdout).not.toBe(first.stdout);
    const bytes = proxy.seen.reduce((sum, entry) => sum + entry.bytes, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(15_000);
    expect(lines()).toEqual([
      "PUT /v1/packs/sha256:…?scope=travel",
      "POST /v1/contexts?scope=travel",
      "POST /v1/builds?t=travel&runner=spare",
    ]);

    // Another client requests the paths that are read; the server has these files.
    using elsewhere = temporaryFolder();
    const fresh = await run(["build", "-t", "travel", "--progress", "quiet", folder.path], {
      cache: elsewhere.path,
      env: { VARVE_SERVER: proxy.url },
    });
    expect(fresh.stdout).toBe(third.stdout);
    expect(lines()).toEqual(Array(2).fill("POST /v1/builds?t=travel&runner=spare"));
  } finally {
    proxy.close();
  }
});

describe("build", () => {
  test("prints steps to stderr and the digest to stdout, and can write the image ID to a file", async () => {
    using folder = temporaryFolder(project);
    const { status, stdout, stderr } = await run(
      ["build", "-t", "labelled", "--label", "a=b=c", "--iidfile", "id", "."],
      { cwd: folder.path },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(stderr).toMatch(/#1 \[internal\] load build context\n(#1 .*\n)+\n#2 \[1\/1\] COPY \. \/app\n/);
    const id = readFileSync(join(folder.path, "id"), "utf8");
    const config = await (await fetch(`${server.url}/v2/labelled/blobs/${id}`)).json();
    expect(config).toMatchObject({ config: { Labels: { a: "b=c" } } });
  });

  test("reads arguments from the environment, and another Dockerfile with its ignore file", async () => {
    using folder = temporaryFolder({
      ...project,
      "docker/Other": "FROM scratch\nARG WHO\nARG NOT\nLABEL who=$WHO not=$NOT\nCOPY . /\n",
      "docker/Other.dockerignore": "*\n!src/main.js\n",
    });
    const { status, stdout } = await run(
      ["build", "-t", "other", "-f", "docker/Other", "--build-arg", "WHO", "--build-arg=NOT", "-q", "."],
      { cwd: folder.path, env: { WHO: "me" } },
    );
    expect(status).toBe(0);
    const config = await (await fetch(`${server.url}/v2/other/blobs/${stdout.trim()}`)).json();
    expect(config).toMatchObject({ config: { Labels: { who: "me", not: "" } } });
    const { layers } = (await (await fetch(`${server.url}/v2/other/manifests/latest`)).json()) as {
      layers: { digest: string }[];
    };
    const layer = Buffer.from(
      await (await fetch(`${server.url}/v2/other/blobs/${layers[0]?.digest}`)).arrayBuffer(),
    );
    expect(execFileSync("tar", ["-tzf", "-"], { input: layer }).toString()).toBe("src/\nsrc/main.js\n");
  });

  test("reads a Dockerfile outside of the context, with its ignore file", async () => {
    using folder = temporaryFolder({
      "context/a": "1",
      "context/.dockerignore": "a",
      Other: "FROM scratch\nCOPY a /\n",
    });
    const args = ["build", "-t", "elsewhere", "-f", "Other", "context"];
    expect(await run(args, { cwd: folder.path })).toMatchObject({ status: 1 });
    write(folder.path, { "Other.dockerignore": "" });
    expect(await run(args, { cwd: folder.path })).toMatchObject({ status: 0 });
  });

  test("reads an archive or a Dockerfile from stdin", async () => {
    using folder = temporaryFolder(project);
    const tar = execFileSync("tar", ["--create", "--file", "-", "."], { cwd: folder.path });
    const folderBuild = await run(["build", "-t", "stdin", folder.path]);
    expect(await run(["build", "-t", "stdin-tar", "-"], { stdin: tar })).toMatchObject({
      status: 0,
      stdout: folderBuild.stdout,
    });
    const alone = await run(["build", "-t", "stdin-text", "-"], { stdin: "FROM scratch\nLABEL a=b\n" });
    expect(alone.status).toBe(0);
    expect(alone.stdout).toMatch(/^sha256:/);
  });

  test.each<[string, number, string[], RegExp]>([
    ["no folder", 2, ["build"], /^ERROR: varve build requires 1 argument, but got 0\nHINT: /],
    ["two folders", 2, ["build", "a", "b"], /^ERROR: varve build takes at most 1 argument, but got 2\n/],
    [
      "a folder that is not there",
      1,
      ["build", "gone"],
      /^ERROR: unable to prepare context: path "gone" not found\n/,
    ],
    [
      "what is no archive",
      1,
      ["build", "Dockerfile"],
      /^ERROR: .*"Dockerfile" is neither a folder nor a tar\n/,
    ],
    [
      "no Dockerfile",
      1,
      ["build", "src"],
      /^ERROR: failed to read dockerfile: open Dockerfile: no such file/,
    ],
    [
      "an unknown flag",
      2,
      ["build", "--frobnicate", "."],
      /^ERROR: unknown flag: --frobnicate\nHINT: See "varve build --help"/,
    ],
    [
      "a kind of progress",
      2,
      ["build", "--progress", "loud", "."],
      /^ERROR: invalid argument "loud" for "--progress"/,
    ],
    [
      "an unknown command",
      2,
      ["biuld"],
      /^ERROR: unknown command "biuld"\nHINT: Did you mean "varve build"\?/,
    ],
    ["a bad name", 2, ["build", "-t", "UPPER", "."], /^ERROR: invalid tag "UPPER"/],
    [
      "a bad annotation",
      2,
      ["build", "--annotation", "moon:a=b", "."],
      /ERROR: invalid annotation "moon:a": unknown/,
    ],
    [
      "no server",
      4,
      ["build", "--server", "http://127.0.0.1:2", "."],
      /^ERROR: Cannot reach http:\/\/127\.0\.0\.1:2: .*\nHINT: Is the server running\? `varve serve`/,
    ],
    [
      "no server with an image to run",
      125,
      ["run", "--server", "http://127.0.0.1:2", "team/app"],
      /^ERROR: Cannot reach http:\/\/127\.0\.0\.1:2: .*\nHINT: Is the server running\? `varve serve`/,
    ],
  ])("reports an error: %s", async (_, code, args, expected) => {
    using folder = temporaryFolder(project);
    const { status, stdout, stderr } = await run(args, { cwd: folder.path });
    expect({ status, stdout }).toEqual({ status: code, stdout: "" });
    expect(stderr).toMatch(expected);
  });

  test("shows the warnings of a Dockerfile that is rejected", async () => {
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\nEXPOSE localhost:80:80\n" });
    const plain = await run(["build", "--progress=plain", folder.path]);
    expect(plain.status).toBe(1);
    expect(plain.stderr).toMatch(
      /^\n 1 warning found:\n - ExposeInvalidFormat: .* \(line 2\)\nERROR: invalid IP address: localhost\n/,
    );
    const { stderr } = await run(["build", "--progress=rawjson", folder.path]);
    const [line = "", next] = stderr.split("\n");
    expect(JSON.parse(line)).toMatchObject({ warnings: [{ range: [{ start: { line: 2 } }] }] });
    expect(next).toBe("ERROR: invalid IP address: localhost");
    const quiet = await run(["build", "--quiet", folder.path]);
    expect(quiet.stderr).toMatch(/^ERROR: invalid IP address: localhost\n/);
  });

  test("shows the wrong line of the Dockerfile", async () => {
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\nCOPY gone /\n" });
    const { status, stderr } = await run(["build", "-t", "fault", folder.path]);
    expect(status).toBe(1);
    expect(stderr).toContain('"/gone": not found');
    expect(stderr).toMatch(/Dockerfile:2\n-+\n {3}1 \| {5}FROM scratch\n {3}2 \| >>> COPY gone \//);
  });
});

test("check prints the findings of a Dockerfile", async () => {
  using folder = temporaryFolder({
    Dockerfile: "from scratch\nCOPY a /\n",
    good: "FROM scratch\nCOPY a /\n",
  });
  const bad = await run(["check", folder.path]);
  expect(bad.status).toBe(5);
  expect(bad.stdout).toContain("WARNING: ConsistentInstructionCasing");
  expect(bad.stdout).toContain("   1 | >>> from scratch\n");
  expect(await run(["check", "-f", join(folder.path, "good")])).toMatchObject({
    status: 0,
    stdout: "Check complete, no warnings found.\n",
  });
});

test("explain prints why steps were executed", async () => {
  using folder = temporaryFolder(project);
  await run(["build", "-t", "explained", folder.path]);
  const { builds } = (await (await fetch(`${server.url}/v1/builds`)).json()) as { builds: { id: string }[] };
  const { status, stdout } = await run(["explain", builds[0]?.id ?? ""]);
  expect(status).toBe(0);
  expect(stdout).toContain("[1/1] COPY . /app");
  const json = await run(["explain", "--format", "json", builds[0]?.id ?? ""]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    id: builds[0]?.id,
    steps: [{ name: "[1/1] COPY . /app" }],
  });
  expect(await run(["explain", "nothing"])).toMatchObject({ status: 1 });
  const last = await run(["explain"]);
  expect(last.stderr).toMatch(/^Last build of explained(?::latest)?: done, started .* ago\n$/);
});
