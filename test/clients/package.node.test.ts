import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { startServer } from "../cli/server.ts";
import { findBusybox } from "../differential/bases/busybox.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { noise } from "../streams/source.ts";

// The published package: packed with `npm pack`, installed as a global command, and run with the machine's Node (20 in CI)
// and with the Node of the repository (24).

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const busybox = findBusybox();
const folder = temporaryFolder({
  "project/Dockerfile": "FROM scratch\nCOPY . /\n",
  "steps/Dockerfile": [
    "FROM scratch",
    "COPY busybox /bin/busybox",
    'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
    "RUN --mount=type=secret,id=word wc -c < /run/secrets/word > /length",
    'CMD ["cat", "/length"]',
  ].join("\n"),
  word: "hidden",
});
writeFileSync(join(folder.path, "steps/busybox"), busybox.binary, { mode: 0o755 });

/** Without the Node of the repository: `npm test` and the like add it first. */
const path = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((entry) => !entry.includes("node_modules"))
  .join(delimiter);
const ownNode = execFileSync("sh", ["-c", "command -v node"], {
  env: { PATH: path },
  encoding: "utf8",
}).trim();
const nodes = [ownNode, process.execPath].map((node) => {
  const [, major = ""] = /^v(\d+)/.exec(execFileSync(node, ["--version"], { encoding: "utf8" })) ?? [];
  return { node, major };
});
const installed = join(folder.path, "prefix/lib/node_modules/varve");

let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  const pack = ["pack", "--silent", "--pack-destination", folder.path];
  const packed = execute("npm", pack, { cwd: root });
  server = await startServer();
  const [name = ""] = (await packed).stdout.trim().split("\n").slice(-1);
  const prefix = ["--global", "--prefix", join(folder.path, "prefix")];
  const install = ["install", ...prefix, "--no-audit", "--no-fund", "--offline", join(folder.path, name)];
  await execute("npm", install, { env: { ...process.env, PATH: path } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const environment = () => ({ PATH: path, HOME: folder.path, VARVE_SERVER: server.url });

/** Runs the installed command with a Node, in a folder. */
async function varve(
  node: string,
  args: string[],
  cwd = "project",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const words = [join(folder.path, "prefix/bin/varve"), ...args];
  try {
    return { code: 0, ...(await execute(node, words, { env: environment(), cwd: join(folder.path, cwd) })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test("installs no other package, and starts by its name", async () => {
  expect(existsSync(join(folder.path, "prefix/lib/node_modules/zod"))).toBe(false);
  const { stdout } = await execute("varve", ["--version"], {
    env: { PATH: `${join(folder.path, "prefix/bin")}${delimiter}${path}` },
  });
  expect(stdout).toBe("0.1.0\n");
});

describe.each(nodes)("on Node $major", ({ node, major }) => {
  test("reports the versions of both sides", async () => {
    const { stdout } = await varve(node, ["version"]);
    expect(stdout).toMatch(
      new RegExp(`^Client: varve 0\\.1\\.0, Node ${major}\\..*\nServer: varve 0\\.1\\.0 at ${server.url}\n$`),
    );
    const offline = await varve(node, ["version", "--server", "http://127.0.0.1:9"]);
    expect(offline).toMatchObject({ code: 4, stdout: expect.stringMatching(/^Client: varve 0\.1\.0.*\n$/) });
  });

  test("builds, lists and saves", async () => {
    // Compressible or not, small and large: versions of Node without zstd send the same bytes.
    writeFileSync(join(folder.path, "project/noise"), noise(3_000_000));
    writeFileSync(join(folder.path, "project/zeros"), new Uint8Array(9_000_000));
    writeFileSync(join(folder.path, "project/empty"), "");
    const built = await varve(node, ["build", "-t", `packed${major}`, "."]);
    expect(built).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
    const source = await execute(
      process.execPath,
      [join(root, "src/cli/varve.ts"), "build", "-t", `source${major}`, "."],
      { cwd: join(folder.path, "project"), env: { ...environment(), HOME: installed } },
    );
    expect(source.stdout).toBe(built.stdout);

    expect((await varve(node, ["images", "-q", `packed${major}`])).stdout.trim().split("\n")).toHaveLength(1);
    expect((await varve(node, ["build", "-q", "-o", `../out${major}`, "."])).code).toBe(0);
    expect(existsSync(join(folder.path, `out${major}/noise`))).toBe(true);
    const platforms = ["build", "--platform", "linux/amd64,linux/arm64", "-t", `both${major}`, "."];
    expect(await varve(node, platforms)).toMatchObject({ code: 0 });
    expect((await varve(node, ["completion", "bash"])).stdout).toContain("complete -F _varve varve");
  });

  test("executes steps with a secret, and runs the image", async () => {
    const secret = ["--secret", "id=word,src=../word"];
    for (const compression of ["gzip", "zstd"]) {
      const image = `steps${major}${compression}`;
      const flags = ["--runner", "local", "--no-cache", "--compression", compression, ...secret, "-t", image];
      const metadata = ["--metadata-file", join(folder.path, "metadata.json")];
      expect(await varve(node, ["build", ...flags, ...metadata, "."], "steps")).toMatchObject({ code: 0 });
      expect(await varve(node, ["run", image])).toMatchObject({ code: 0, stdout: "6\n" });
    }
    const metadata = JSON.parse(readFileSync(join(folder.path, "metadata.json"), "utf8"));
    expect((await varve(node, ["explain", metadata["buildx.build.ref"]])).stdout).toContain("COPY busybox");
  });

  test("lints", async () => {
    writeFileSync(join(folder.path, "project/lint"), "from scratch\nCOPY . /\n");
    expect(await varve(node, ["check", "-f", "lint", "."])).toMatchObject({
      code: 5,
      stdout: expect.stringContaining("ConsistentInstructionCasing"),
    });
    expect(await varve(node, ["check", "."])).toMatchObject({ code: 0 });
  });

  test("is a runner of the server", async () => {
    const program = join(folder.path, "prefix/bin/varve");
    const child = spawn(node, [program, "runner", "--data", join(folder.path, `runner${major}`)], {
      env: environment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    try {
      await once(child.stderr, "data");
      const flags = [
        "--runner",
        "pool",
        "--no-cache",
        "--secret",
        "id=word,src=../word",
        "-t",
        `pool${major}`,
      ];
      expect(await varve(node, ["build", ...flags, "."], "steps")).toMatchObject({ code: 0 });
      // The packs of the same context differ, because another Node compresses it differently.
      writeFileSync(
        join(folder.path, "steps/Dockerfile.copy"),
        'FROM scratch\nCOPY busybox /\nRUN ["/busybox", "true"]\n',
      );
      for (const [at, { node: other }] of [...nodes, ...nodes].entries()) {
        const image = ["--runner", "pool", "--no-cache", "-t", `packs${major}${at}`];
        const built = await varve(other, ["build", "-f", "Dockerfile.copy", ...image, "."], "steps");
        expect(built, built.stderr).toMatchObject({ code: 0 });
      }
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
});

test("reports the requirements of varve serve", async () => {
  const { code, stderr } = await varve(ownNode, ["serve"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^ERROR: varve serve needs (Node 22 or newer; this is Node |miniflare, which is not installed)/,
  );
});

test("serves when the requirements are met, and keeps images between starts", async () => {
  symlinkSync(join(root, "node_modules/miniflare"), join(installed, "../miniflare"));
  const program = join(installed, "dist/cli/varve.js");
  const env = { PATH: path, HOME: folder.path, PORT: "0", VARVE_DATA: join(folder.path, "data") };
  const serve = async (use: (url: string) => Promise<void>) => {
    const child = spawn(process.execPath, [program, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      await use(/http:\S+/.exec(line.toString())?.[0] ?? "");
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  };
  await serve(async (url) => {
    expect(await varve(process.execPath, ["build", "-q", "--server", url, "-t", "kept", "."])).toMatchObject({
      code: 0,
    });
    expect(await (await fetch(url)).text()).toContain("<title>");
  });
  await serve(async (url) => {
    expect(
      (await varve(process.execPath, ["images", "-q", "--server", url])).stdout.trim().split("\n"),
    ).toHaveLength(1);
  });
});
