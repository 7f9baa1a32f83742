import { spawnSync } from "node:child_process";
import { chmod, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobMount } from "../../schemas/runner.ts";
import { patient, unable, Workbench } from "./workbench.ts";

type Cache = Extract<JobMount, { type: "cache" }>;

describe.skipIf(unable)("mounts of a step", patient, () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.start();
  });
  afterAll(() => bench.close());

  const cache = (change: Partial<Cache> = {}): Cache => ({
    type: "cache",
    id: "c",
    key: change.id ?? "c",
    sharing: "shared",
    source: "/",
    target: "/cache",
    readonly: false,
    ...change,
  });
  const bind = (change: Partial<Extract<JobMount, { type: "bind" }>> = {}): JobMount => ({
    type: "bind",
    from: {
      layers: [
        bench.layer(
          { path: "d", type: "dir" },
          { path: "d/low", content: "1" },
          { path: "gone", content: "2" },
        ),
        bench.layer(
          { path: "d", type: "dir", mode: 0o711 },
          { path: "d/high", content: "3" },
          { path: ".wh.gone" },
        ),
      ],
    },
    source: "/",
    target: "/mnt",
    readonly: true,
    ...change,
  });

  it("show the files of layers, read-only", async () => {
    const { log, diff } = await bench.succeed("ls /mnt /mnt/d; stat -c %a /mnt/d; touch /mnt/x || true", {
      mounts: [bind()],
    });
    expect(log).toContain("/mnt:\nd\n\n/mnt/d:\nhigh\nlow\n711\n");
    expect(log).toContain("Read-only file system");
    expect(diff.size).toBe(0);
  });

  it("show a part of them, through links that stay inside", async () => {
    const from = {
      layers: [
        bench.layer(
          { path: "d", type: "dir" },
          { path: "d/f", content: "inside" },
          { path: "l", type: "symlink", linkname: "/../../d" },
          { path: "out", type: "symlink", linkname: "/etc/passwd" },
        ),
      ],
    };
    const { log } = await bench.succeed("cat /mnt/f; cat /one", {
      mounts: [bind({ from, source: "/l" }), bind({ from, source: "/l/f", target: "/one" })],
    });
    expect(log).toBe("insideinside");
    const { failure } = await bench.run("true", { mounts: [bind({ from, source: "/out" })] });
    expect(failure).toEqual({ reason: "refused", message: '"/out": not found' });
  });

  it("discard writes", async () => {
    const mounts = [bind({ readonly: false })];
    const { log, diff } = await bench.succeed("echo new > /mnt/d/low; cat /mnt/d/low", { mounts });
    expect(log).toBe("new\n");
    expect(diff.size).toBe(0);
    expect((await bench.succeed("cat /mnt/d/low", { mounts })).log).toBe("1");
  });

  it("keep a cache from step to step", async () => {
    const mounts = [cache({ id: "kept" })];
    const { diff } = await bench.succeed("echo 1 > /cache/f", { mounts });
    expect(diff.size).toBe(0);
    expect((await bench.succeed("cat /cache/f", { mounts })).log).toBe("1\n");
    expect((await bench.succeed("ls /cache", { mounts: [cache({ id: "other" })] })).log).toBe("");
    const readonly = await bench.run("touch /cache/g", { mounts: [cache({ id: "kept", readonly: true })] });
    expect(readonly.failure?.reason).toBe("exit");
  });

  it("hide a cache from other users of the machine, whose programs could have the rights of their owner", async () => {
    // The folder existed before, as one that an operator made.
    await chmod(bench.data, 0o755);
    const mounts = [cache({ id: "setuid" })];
    await bench.succeed("cp /bin/busybox /cache/evil; chmod 4755 /cache/evil", { mounts });
    const path = join(bench.data, "caches/setuid-0/evil");
    expect((await stat(path)).mode & 0o7777).toBe(0o4755);
    const words = ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", 'exec "$0"', path];
    expect(spawnSync("setpriv", words, { encoding: "utf8" }).stderr).toMatch("Permission denied");
  });

  it("keep files that a failed step wrote to a cache", async () => {
    const mounts = [cache({ id: "failed" })];
    await bench.run("echo 1 > /cache/f; exit 1", { mounts });
    expect((await bench.succeed("cat /cache/f", { mounts })).log).toBe("1\n");
  });

  it("make a cache with its owner, mode and initial files", async () => {
    const root = { uid: 1000, gid: 100, mode: 0o2750 };
    const owned = await bench.succeed("stat -c '%a %u %g' /cache", { mounts: [cache({ root })] });
    expect(owned.log).toBe("2750 1000 100\n");
    const from = { layers: [bench.layer({ path: "d", type: "dir" }, { path: "d/seed", content: "s" })] };
    const mounts = [cache({ from, source: "/d" })];
    await bench.succeed("cat /cache/seed; rm /cache/seed; touch /cache/own", { mounts });
    expect((await bench.succeed("ls /cache", { mounts })).log).toBe("own\n");
  });

  it.each([
    ["shared", ["own", "own"]],
    ["private", ["", "own"]],
    ["locked", ["own", "own"]],
  ] as const)("lets two steps have a %s cache", async (sharing, seen) => {
    const mounts = [cache({ id: `two-${sharing}`, sharing })];
    const begun = new Promise<void>((resolve) => {
      bench.server.onLog = () => resolve();
    });
    const first = bench.run("touch /cache/own /cache/busy; echo begun; sleep 1.5; rm /cache/busy", {
      mounts,
    });
    await begun;
    const second = await bench.succeed("ls /cache", { mounts });
    expect((await first).failure).toBeUndefined();
    const third = await bench.succeed("ls /cache", { mounts });
    // Only with "shared" do both use it at the same time.
    const busy = sharing === "shared" ? "busy\nown\n" : seen[0] && `${seen[0]}\n`;
    expect([second.log, third.log]).toEqual([busy, `${seen[1]}\n`]);
  });

  // A step that writes there could replace the directory with a link to the machine before it is mounted.
  it("give a shared cache to one step at a time when it mounts a directory of the cache", async () => {
    const whole = cache({ id: "part" });
    const part = cache({ id: "part", source: "/sub" });
    await bench.succeed("mkdir /cache/sub", { mounts: [whole] });
    const begun = new Promise<void>((resolve) => {
      bench.server.onLog = () => resolve();
    });
    const first = bench.run("touch /cache/sub/busy; echo begun; sleep 1.5; rm /cache/sub/busy", {
      mounts: [whole],
    });
    await begun;
    const second = await bench.succeed("ls /cache", { mounts: [part] });
    expect((await first).failure).toBeUndefined();
    expect(second.log).toBe("");
  });

  it("make a tmpfs of a size", async () => {
    const mounts: JobMount[] = [{ type: "tmpfs", target: "/t", readonly: false, size: 100 * 1024 }];
    const { log, diff } = await bench.succeed(
      "stat -c %a /t; head -c 200000 /dev/zero > /t/f; stat -c %s /t/f",
      { mounts },
    );
    expect(log).toContain("1777\n");
    expect(log).toMatch(/No space left on device|I\/O error/);
    expect(log).toContain("\n102400\n");
    expect(diff.size).toBe(0);
  });

  it("provide secrets as files and variables that are not kept", async () => {
    const secret = "s3cr3t-value-of-this-test";
    const value = Buffer.from(secret).toString("base64");
    const mounts: JobMount[] = [
      { type: "secret", id: "s", target: "/run/secrets/s", value, uid: 1000, gid: 100, mode: 0o440 },
      { type: "secret", id: "s", env: "SECRET", value, uid: 0, gid: 0, mode: 0o400 },
    ];
    const seen = bench.run(
      "stat -c '%a %u %g' /run/secrets/s; [ $(cat /run/secrets/s) = $SECRET ] && echo same; sleep 0.5",
      { mounts },
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    // The secret is never on the disk.
    expect(await filesWith(bench.data, secret)).toEqual([]);
    const { log, diff, failure } = await seen;
    expect(failure).toBeUndefined();
    expect(log).toBe("440 1000 100\nsame\n");
    expect(diff.size).toBe(0);
  });

  it("fail without a required ssh agent and leave out an optional one", async () => {
    const ssh: JobMount = { type: "ssh", id: "default", target: "/run/agent", uid: 0, gid: 0, mode: 0o600 };
    const { failure } = await bench.run("true", { mounts: [{ ...ssh, required: true }] });
    expect(failure?.reason).toBe("refused");
    expect((await bench.succeed("ls /run || true", { mounts: [ssh] })).diff.size).toBe(0);
  });

  it("can be nested", async () => {
    const mounts = [cache({ id: "outer", target: "/a" }), { ...cache({ id: "inner" }), target: "/a/b" }];
    await bench.succeed("touch /a/outer /a/b/inner", { mounts });
    const { log } = await bench.succeed("ls /a /a/b", { mounts });
    expect(log).toBe("/a:\nb\nouter\n\n/a/b:\ninner\n");
  });

  it("follow links of the image inside the image", async () => {
    const layers = [bench.base, bench.layer({ path: "var/run", type: "symlink", linkname: "../../../run" })];
    const mounts = [cache({ id: "links", target: "/var/run/c" })];
    const { log, diff } = await bench.succeed("touch /run/c/x; ls /run", { layers, mounts });
    expect(log).toBe("c\n");
    expect(diff.size).toBe(0);
  });
});

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
