import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRegistry } from "../differential/bases/registry.ts";
import { startServer } from "../differential/builders/varve.ts";

const root = join(import.meta.dirname, "../..");
/** The command as it is published. */
const command = join(root, "dist/cli/varve.js");

/** A builder that has seen nothing yet; each start is one round. */
export interface Builder extends AsyncDisposable {
  /** Builds the context of a folder; resolves when the image can be pulled. */
  build(folder: string, options?: BuildOptions): Promise<void>;
  /** Most memory that the builder has had so far, in bytes, where it can be told. */
  peakMemory?(): Promise<number>;
}

export interface BuildOptions {
  /** Carry every step out, whatever is known. */
  noCache?: boolean;
  /** With docker: false ends the time when the daemon has the image. */
  push?: boolean;
}

/** Runs a program; gives what it prints. */
function run(command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve(stdout);
      else reject(new Error(`${command} ${args[0]} failed: ${stderr.slice(-2000)}`));
    });
  });
}

async function expectManifest(url: string): Promise<void> {
  const accept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
  const answer = await fetch(url, { headers: { accept } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Cannot pull ${url}: status ${answer.status}`);
}

/**
 * `docker build` and `docker push` into an empty registry. The first build takes nothing from the daemon's build
 * cache; the folder must be one that the daemon has not seen, for it keeps contexts by folder.
 */
export async function startDocker(): Promise<Builder> {
  const registry = await startRegistry();
  const name = `${registry.host}/bench:1`;
  let builds = 0;
  return {
    async build(folder, { noCache, push = true } = {}) {
      const cold = builds === 0 || noCache ? ["--no-cache"] : [];
      builds += 1;
      await run("docker", ["buildx", "build", "--quiet", ...cold, "--tag", name, folder]);
      if (!push) return;
      await run("docker", ["push", "--quiet", name]);
      await expectManifest(`${registry.url}/v2/bench/manifests/1`);
    },
    async [Symbol.asyncDispose]() {
      const images = await run("docker", ["images", "--quiet", `${registry.host}/bench`]);
      for (const id of new Set(images.split("\n").filter(Boolean)))
        await run("docker", ["image", "rm", "--force", id]);
      await registry[Symbol.asyncDispose]();
    },
  };
}

/** varve with an empty state, asked by its command, which keeps its own cache of digests in an empty folder. */
export async function startVarveCommand(): Promise<Builder> {
  await run(process.execPath, [join(root, "src/cli/package/build.ts")]);
  const server = await startServer();
  const cache = await mkdtemp(join(tmpdir(), "varve-bench-cache-"));
  return {
    async build(folder, { noCache } = {}) {
      const args = ["build", "--quiet", "--server", server.url, "--tag", "bench:1", folder];
      if (noCache) args.push("--no-cache");
      await run(process.execPath, [command, ...args], { XDG_CACHE_HOME: cache });
      await expectManifest(`${server.url}/v2/bench/manifests/1`);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(cache, { recursive: true, force: true });
    },
  };
}

/** varve with an empty state, asked as one would from a shell: tar into curl. */
export async function startVarve(): Promise<Builder> {
  const server = await startServer();
  const url = `${server.url}/v1/builds?t=bench:1`;
  return {
    async build(folder) {
      const post = `curl --silent --show-error --fail-with-body --request POST --upload-file - "$2" >&2`;
      await run("bash", [
        "-o",
        "pipefail",
        "-c",
        `tar --create --file - --directory "$1" . | ${post}`,
        "-",
        folder,
        url,
      ]);
      await expectManifest(`${server.url}/v2/bench/manifests/1`);
    },
    peakMemory: () => server.peakMemory(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
