import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { Service } from "../../src/client/service.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { imageOf } from "../differential/bases/oci.ts";
import { pushBase } from "../differential/bases/push.ts";
import { makeDebian } from "../differential/debian/base.ts";
import { busyboxContext } from "../helpers/busybox-context.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { type DebianRegistry, startDebianRegistry } from "../registry/debian-registry.ts";
import { archive, member } from "../tar/archive.ts";
import { type Daemon, startDockerd } from "./daemons.ts";
import { run } from "./programs.ts";

const root = join(import.meta.dirname, "../..");
const runFile = promisify(execFile);
const node = createRequire(import.meta.url).resolve("node/bin/node");
const token = "token-of-the-operator";

/** Replacement for the Node base image: Debian, with Node at the same path. */
async function nodeOnDebian() {
  const debian = await makeDebian();
  const bytes = await readFile(node);
  const tar = archive(member({ path: "usr/local/bin/node", mode: 0o755 }, bytes));
  return imageOf({
    ...debian,
    name: "node:24-trixie-slim",
    layers: [...debian.layers, { createdBy: "COPY node /usr/local/bin/", tar }],
  });
}

/** A runner's image, built by varve and run by an ordinary user. */
describe("the image of the runner", { timeout: 300_000 }, () => {
  const folder = suiteFolder();
  let registry: DebianRegistry;
  let server: LocalServer;
  let dockerd: Daemon;
  const docker = (...args: string[]) => run("docker", ["--host", `unix://${dockerd.socket}`, ...args]);

  beforeAll(async () => {
    const assets = join(folder, "assets");
    await mkdir(assets);
    registry = await startDebianRegistry();
    await pushBase(registry, await nodeOnDebian());
    const variables = {
      VARVE_MIRRORS: JSON.stringify({ "docker.io": registry.url }),
      VARVE_RUNNER_TOKEN: token,
      VARVE_RUNNER_WAIT: "30",
    };
    server = await startLocalServer({ port: 0, data: join(folder, "varve"), assets, variables });
    dockerd = await startDockerd(join(folder, "docker"));
  }, 300_000);

  afterAll(async () => {
    await dockerd?.stop();
    await server?.close();
    await registry?.[Symbol.asyncDispose]();
    // Docker leaves the namespace of the machine's network mounted.
    for (const driver of ["overlay2", "vfs"]) {
      await runFile("umount", [join(folder, "docker", driver, "exec/netns/default")]).catch(() => {});
    }
  }, 60_000);

  test("is built by varve", async () => {
    await runFile("npm", ["run", "runner:bundle"], { cwd: root });
    const varve = join(root, "src/cli/varve.ts");
    const args = ["build", "--progress=plain", "--server", server.url, "-t", "varve-runner"];
    const { stdout, stderr } = await runFile(
      process.execPath,
      [varve, ...args, "-f", join(root, "src/runner/Dockerfile"), root],
      { env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") }, maxBuffer: 2 ** 26 },
    );
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(stderr).toContain("Setting up crun");
  });

  test("executes steps in docker without --privileged, and stops on SIGTERM", async () => {
    const image = `${new URL(server.url).host.replace("localhost", "127.0.0.1")}/varve-runner`;
    await docker("pull", "--quiet", image);
    const security = ["seccomp=unconfined", "systempaths=unconfined"].flatMap((option) => [
      "--security-opt",
      option,
    ]);
    const options = ["--detach", "--network=host", "--device=/dev/net/tun", "--name=runner", ...security];
    await docker("run", ...options, image, "--server", server.url, "--token", token);
    try {
      await expect
        .poll(async () => (await (await fetch(`${server.url}/v1/runners`)).json()) as unknown, {
          timeout: 20_000,
        })
        .toMatchObject({ runners: [{ platforms: expect.arrayContaining(["linux/amd64"]) }] });
      expect(await logOfBuild()).toBe("uid=1000 gid=1000 groups=1000\nmade by root\nlo eth0\n");
      await docker("stop", "--time=20", "runner");
      expect((await docker("inspect", "--format={{.State.ExitCode}}", "runner")).trim()).toBe("0");
    } catch (error) {
      const { stderr } = await runFile("docker", ["--host", `unix://${dockerd.socket}`, "logs", "runner"]);
      throw new Error(`${(error as Error).message}\n${stderr}`, { cause: error });
    }
  });

  async function logOfBuild(): Promise<string> {
    const context = busyboxContext([
      "COPY busybox /bin/busybox",
      'SHELL ["/bin/busybox", "sh", "-c"]',
      "RUN busybox mkdir -p /d && echo made by root > /d/f && busybox chown -R 1000:1000 /d && busybox rm -r /bin/../nothing 2>/dev/null || true",
      "USER 1000:1000",
      "RUN --mount=type=cache,target=/c,uid=1000 busybox touch /c/x && busybox id && busybox cat /d/f",
      "RUN busybox sed -n 's/^ *\\(.*\\):.*/\\1/p' /proc/net/dev | busybox xargs busybox echo",
    ]);
    const { events } = await new Service(server.url).build({ context, options: { tags: ["steps"] } });
    const all: BuildEvent[] = [];
    for await (const event of events) all.push(event);
    expect(all.at(-1)).toMatchObject({ type: "result" });
    return all.flatMap((event) => (event.type === "step.log" ? event.text : [])).join("");
  }
});
