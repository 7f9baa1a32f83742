import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startRunner } from "../../src/runner/runner.ts";
import { findAbility } from "../../src/runner/sandbox/ability.ts";
import { DEFAULT_CAPABILITIES } from "../../src/runner/sandbox/capabilities.ts";
import { ControlGroups } from "../../src/runner/sandbox/control-group.ts";
import { type Container, ociConfig } from "../../src/runner/sandbox/oci-spec.ts";
import { findProgram, runtimeCommand } from "../../src/runner/sandbox/runtime.ts";
import { tryContainer } from "../../src/runner/sandbox/trial.ts";
import { startLocalServer } from "../../src/serve/local-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { processesIn, unable } from "./workbench.ts";

const project = join(import.meta.dirname, "../..");
const crun = findProgram("crun");
/** The container may mount, but docker's filter rejects other calls that runtimes need. */
const mayMount: Partial<Container> = { capabilities: [...DEFAULT_CAPABILITIES, "CAP_SYS_ADMIN"] };
const refusal = "crun cannot start containers: create keyring `trial`: Operation not permitted";

/** A file system with the programs of this machine, read-only, and mount points for `folders`. */
async function makeRoot(folder: string, folders: readonly string[]): Promise<string> {
  const root = join(folder, "root");
  for (const name of ["usr", "proc", "sys", "dev", "etc", "tmp", "data", ...folders])
    await mkdir(join(root, name), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${name}`, join(root, name));
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  await writeFile(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  return root;
}

/** Runs `varve` in a container. @returns its exit code and what it wrote, all of it before the deadline */
async function varve(
  words: readonly string[],
  change: Partial<Container> = {},
  folders: readonly string[] = [project],
): Promise<{ code: number | null; text: string }> {
  using folder = temporaryFolder();
  const bind = (source: string) => ({ destination: source, type: "bind", source, options: ["rbind", "ro"] });
  const container: Container = {
    rootfs: await makeRoot(folder.path, folders),
    args: [process.execPath, join(project, "src/cli/varve.ts"), ...words],
    env: [["XDG_CACHE_HOME", "/data"]],
    workdir: "/",
    account: { uid: 0, gid: 0, groups: [], home: "/root" },
    hostname: "restricted",
    network: "none",
    mounts: [
      bind("/usr"),
      ...folders.map(bind),
      bind("/sys/fs/cgroup"),
      { destination: "/data", type: "tmpfs", source: "tmpfs", options: [] },
    ],
    cgroup: undefined,
    ownsMachine: true,
    ...change,
  };
  await writeFile(join(folder.path, "config.json"), ociConfig(container));
  const id = `restricted-${process.pid}-${Date.now()}`;
  const command = runtimeCommand(
    { name: "crun", path: crun ?? "" },
    { bundle: folder.path, id, hasGroups: false },
  );
  // This mount namespace hides a mount that crun rejects.
  const child = spawn("unshare", ["--mount", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}

const runner = (change: Partial<Container> = {}) =>
  varve(["runner", "--server=http://127.0.0.1:9", "--data=/data"], change);

describe.skipIf(unable || crun === undefined)("a runner in a container", { timeout: 180_000 }, () => {
  it("with docker's capabilities and filter of system calls ends, and names what the container needs", async () => {
    const { code, text } = await runner();
    expect(text).toContain("unshare failed: Operation not permitted");
    expect(text).toContain("docker needs --security-opt seccomp=unconfined and systempaths=unconfined");
    expect(code).toBe(1);
  });

  it("that may only mount ends, and names the call that failed", async () => {
    const { code, text } = await runner(mayMount);
    expect(text).toContain(refusal);
    expect(text).toContain("systempaths=unconfined, and no --cap-add SYS_ADMIN");
    expect(code).toBe(1);
  });

  it("that may not map users ends, and says why", async () => {
    const { code, text } = await runner({ capabilities: [] });
    expect(text).toContain("Overlay file systems cannot be mounted in /data");
    expect(code).toBe(1);
  });
});

describe.skipIf(unable || crun === undefined)(
  "a build in a container that may only mount",
  { timeout: 180_000 },
  () => {
    it("fails with the reason, or leaves its steps to the pool", async () => {
      await using cleanup = new AsyncDisposableStack();
      const lines = ["FROM scratch", "COPY busybox /bin/sh", "RUN echo from the pool"];
      const files = { "assets/": "", "context/Dockerfile": lines.join("\n") };
      const folder = cleanup.use(temporaryFolder(files)).path;
      const [context, assets] = [join(folder, "context"), join(folder, "assets")];
      await copyFile("/usr/bin/busybox", join(context, "busybox"));
      const server = await startLocalServer({ port: 0, data: join(folder, "server"), assets });
      cleanup.defer(() => server.close());
      const build = (...flags: string[]) =>
        varve(
          ["build", `--server=${server.url}`, "--progress=plain", ...flags, context],
          { ...mayMount, network: "host" },
          [project, context],
        );

      const alone = await build("--runner=local");
      expect(alone.text).toContain(`This machine cannot execute the steps of the build: ${refusal}`);
      expect(alone.code).toBe(1);

      const pool = await startRunner({
        server: server.url,
        token: "",
        data: join(folder, "pool"),
        capacity: 1,
        print: () => {},
      });
      cleanup.defer(() => pool.close(true));
      // With a permission that others lack, this machine is preferred.
      const shared = await build("--network-allow=localhost:9");
      expect(shared.text).toContain("create keyring");
      expect(shared.text).toContain("from the pool");
      expect(shared.code).toBe(0);
    });
  },
);

describe.skipIf(unable)("a trial container", { timeout: 60_000 }, () => {
  it("that does not end leaves the machine usable, and no process behind", async () => {
    await using cleanup = new AsyncDisposableStack();
    const endless = { text: "#!/bin/sh\nsleep 1000; true\n", mode: 0o755 };
    const data = cleanup.use(temporaryFolder({ "jobs/": "", crun: endless })).path;
    const [jobs, path] = [join(data, "jobs"), join(data, "crun")];
    const groups = new ControlGroups(data);
    cleanup.defer(() => groups.close());
    const { method } = await findAbility(data);
    const runtime = { name: "crun", path } as const;
    await tryContainer({ groups, runtime, method, tools: "", jobs, rights: new Set(), limits: {} });
    expect(await readdir(jobs)).toEqual([]);
    expect(await processesIn(data)).toEqual([]);
  });
});
