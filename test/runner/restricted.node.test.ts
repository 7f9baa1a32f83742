import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Container, ociConfig } from "../../src/runner/sandbox/oci-spec.ts";
import { findProgram, runtimeCommand } from "../../src/runner/sandbox/runtime.ts";
import { unable } from "./workbench.ts";

const project = join(import.meta.dirname, "../..");
const crun = findProgram("crun");

/** A file system with the programs of this machine, read-only. */
async function makeRoot(folder: string): Promise<string> {
  const root = join(folder, "root");
  for (const name of ["usr", "proc", "sys", "dev", "etc", "tmp", "data", project])
    await mkdir(join(root, name), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${name}`, join(root, name));
  await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  return root;
}

/** Starts `varve runner` in a container. @returns its exit code and what it wrote, all of it before the deadline */
async function startRunner(change: Partial<Container> = {}): Promise<{ code: number | null; text: string }> {
  const folder = await mkdtemp(join(tmpdir(), "varve-restricted-"));
  const bind = (source: string) => ({ destination: source, type: "bind", source, options: ["rbind", "ro"] });
  const container: Container = {
    rootfs: await makeRoot(folder),
    args: [
      process.execPath,
      join(project, "src/cli/varve.ts"),
      "runner",
      "--server=http://127.0.0.1:9",
      "--data=/data",
    ],
    env: [],
    workdir: "/",
    account: { uid: 0, gid: 0, groups: [], home: "/root" },
    hostname: "restricted",
    network: "none",
    mounts: [
      bind("/usr"),
      bind(project),
      { destination: "/data", type: "tmpfs", source: "tmpfs", options: [] },
    ],
    cgroup: undefined,
    ownsMachine: true,
    ...change,
  };
  await writeFile(join(folder, "config.json"), ociConfig(container));
  const id = `restricted-${process.pid}-${Date.now()}`;
  const command = runtimeCommand(
    { name: "crun", path: crun ?? "" },
    { bundle: folder, id, hasGroups: false },
  );
  // It hides what crun rejects by a mount.
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
  await rm(folder, { recursive: true, force: true });
  return { code, text };
}

describe.skipIf(unable || crun === undefined)("a runner in a container", { timeout: 180_000 }, () => {
  it("with docker's capabilities and filter of system calls ends, and names what the container needs", async () => {
    const { code, text } = await startRunner();
    expect(text).toContain("unshare failed: Operation not permitted");
    expect(text).toContain("docker needs --security-opt seccomp=unconfined and systempaths=unconfined");
    expect(code).toBe(1);
  });

  it("that may not map users ends, and says why", async () => {
    const { code, text } = await startRunner({ capabilities: [] });
    expect(text).toContain("Overlay file systems cannot be mounted in /data");
    expect(code).toBe(1);
  });
});
