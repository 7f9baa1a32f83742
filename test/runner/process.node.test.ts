import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { patient, unable, Workbench } from "./workbench.ts";

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name));

describe.skipIf(unable).each(runtimes)("a step's process, run by %s", patient, (runtime) => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.start({ runtime });
  });
  afterAll(() => bench.close());

  it("has its files in the layer and its output in the log", async () => {
    const { diff, log } = await bench.succeed("echo hi > /file; echo out; echo err >&2");
    expect([...diff.keys()]).toEqual(["file"]);
    expect(diff.get("file")).toMatchObject({ content: "hi\n", mode: 0o644, uid: 0, gid: 0 });
    expect(log.split("\n").sort()).toEqual(["", "err", "out"]);
  });

  it("sends its output while it runs, also much on standard error", async () => {
    // More than a pipe holds, so it continues only when its output is read.
    const { log } = await bench.succeed("seq 100000 >&2; echo end");
    expect(log.length).toBeGreaterThan(500_000);
    expect(log).toContain("end\n");
  });

  it.each(["", "alice"])("opens its output by its name, as %j", async (user) => {
    const { log } = await bench.succeed("echo out > /dev/stdout; echo err > /dev/stderr", { user });
    expect(log.split("\n").sort()).toEqual(["", "err", "out"]);
  });

  it("has an empty layer when it changes nothing", async () => {
    const { diff } = await bench.succeed("true");
    expect([...diff.keys()]).toEqual([]);
  });

  it.each([1, 7, 127, 255])("fails with exit code %i", async (exitCode) => {
    const { failure, diff } = await bench.run(`echo x > /f; exit ${exitCode}`);
    expect(failure).toEqual({ reason: "exit", exitCode, message: `exit code: ${exitCode}` });
    expect(diff.size).toBe(0);
  });

  it("fails when the program does not exist", async () => {
    const { failure, log } = await bench.run("", { args: ["/no/such"] });
    expect(failure?.reason).toBe("exit");
    expect(log).toMatch(/no such file or directory|not found/i);
  });

  it("has the environment of the build, with default HOME and PATH", async () => {
    const script = "echo $HOME,$PATH,$A,$B";
    const env: [string, string][] = [
      ["A", "1"],
      ["B", "x y"],
    ];
    const { log } = await bench.succeed(script, { env });
    expect(log).toBe("/root,/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin,1,x y\n");
    const other = await bench.succeed(script, {
      env: [
        ["HOME", "/h"],
        ["PATH", "/bin"],
      ],
    });
    expect(other.log).toBe("/h,/bin,,\n");
  });

  it.each([
    ["", "uid=0(root) gid=0(root) groups=0(root),10(wheel)", "/root"],
    ["alice", "uid=1000(alice) gid=100(users) groups=10(wheel),26(tape),100(users)", "/home/alice"],
    ["1000", "uid=1000(alice) gid=100(users) groups=10(wheel),26(tape),100(users)", "/home/alice"],
    ["alice:wheel", "uid=1000(alice) gid=10(wheel) groups=10(wheel)", "/home/alice"],
    ["1000:26", "uid=1000(alice) gid=26(tape) groups=26(tape)", "/home/alice"],
    ["77", "uid=77 gid=0(root) groups=0(root)", "/"],
    ["77:78", "uid=77 gid=78 groups=78", "/"],
  ])("runs as USER %j", async (user, id, home) => {
    const { log } = await bench.succeed("id; echo $HOME", { user });
    expect(log).toBe(`${id}\n${home}\n`);
  });

  it.each([
    ["bob", "unable to find user bob: no matching entries in passwd file"],
    ["alice:staff", "unable to find group staff: no matching entries in group file"],
    ["4294967295", "uids and gids must be in range 0-2147483647"],
  ])("is rejected as USER %s", async (user, message) => {
    const { failure } = await bench.run("true", { user });
    expect(failure).toEqual({ reason: "refused", message });
  });

  it("starts in its working directory, which is made for its user", async () => {
    const { log, diff } = await bench.succeed("pwd; touch made", { workdir: "/srv/a", user: "alice" });
    expect(log).toBe("/srv/a\n");
    expect(diff.get("srv/a")).toMatchObject({ type: "dir", uid: 1000, gid: 100, mode: 0o755 });
    expect(diff.get("srv/a/made")).toMatchObject({ uid: 1000 });
  });

  it("has the mounts, devices and rights of a container of docker build", async () => {
    const script = `
      hostname; cat /etc/hosts; ls /dev; umask
      grep -E '^(CapEff|CapBnd|CapInh|NoNewPrivs|Seccomp):' /proc/self/status
      grep -E ' (/proc/sys|/sys|/dev/shm|/dev/mqueue|/etc/resolv.conf) ' /proc/mounts | head -9`;
    const { log } = await bench.succeed(script);
    const lines = log.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "buildkitsandbox",
      "127.0.0.1\tlocalhost buildkitsandbox",
      "::1\tlocalhost ip6-localhost ip6-loopback",
    ]);
    const devices = "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero";
    for (const device of devices.split(" ")) expect(lines).toContain(device);
    expect(lines).toContain("0022");
    // Without control groups devices cannot be made, because they could be opened.
    const capabilities = runtime === "unshare" ? "a00425fb" : "a80425fb";
    expect(lines).toContain(`CapEff:\t00000000${capabilities}`);
    expect(lines).toContain(`CapBnd:\t00000000${capabilities}`);
    expect(lines).toContain("CapInh:\t0000000000000000");
    expect(lines).toContain("NoNewPrivs:\t0");
    expect(lines).toContain("Seccomp:\t2");
    expect(log).toMatch(/^proc \/proc\/sys proc ro,/m);
    expect(log).toMatch(/^sysfs \/sys sysfs ro,/m);
    expect(log).toMatch(/ \/etc\/resolv\.conf \S+ ro,/);
  });

  it("cannot reach the machine through devices, mounts or other processes", async () => {
    const script = `
      mknod /dev/disk b 8 0 && head -c 1 /dev/disk; mknod /mem c 1 1 && head -c 1 /mem
      mount -t tmpfs tmpfs /tmp; echo x > /proc/sys/kernel/core_pattern; hostname other
      echo processes: $(ls /proc | grep -c '^[0-9]')`;
    const { log } = await bench.succeed(`${script} 2>&1`);
    expect(log).toContain("/dev/disk: Operation not permitted");
    expect(log).toContain("/mem: Operation not permitted");
    expect(log).toMatch(/mount: .*(denied|not permitted)/);
    expect(log).toMatch(/core_pattern: Read-only file system/);
    expect(log).toMatch(/hostname: .*not permitted/);
    expect(Number(/processes: (\d+)/.exec(log)?.[1])).toBeLessThan(6);
  });

  it("cannot leave its root", async () => {
    const layers = [bench.base, bench.layer({ path: "disk", type: "block", device: { major: 8, minor: 0 } })];
    const script = "ls / > /tmp/a; cd /..; cd ../../..; ls > /tmp/b; cat /tmp/b; head -c 1 /disk; true";
    const { log } = await bench.succeed(script, { layers });
    expect(log).toContain("bin\ndev\ndisk\netc\nproc\nroot\nsys\ntmp\n");
    expect(log).toMatch(/head: \/disk: (Operation not permitted|Permission denied)/);
  });

  it("inherits only the three standard descriptors", async () => {
    const { log } = await bench.succeed("", { args: ["/bin/ls", "/proc/self/fd"] });
    // The last one is that of the listed directory.
    expect(log).toBe("0\n1\n2\n3\n");
  });

  it("sets its variables only for the step's program", async () => {
    // A library that LD_PRELOAD names would be loaded in the same way.
    const { log } = await bench.succeed("true", {
      env: [
        ["PATH", "/bin"],
        ["LD_DEBUG", "files"],
      ],
    });
    expect(log).toBe("");
  });

  it("has the host name of the build", async () => {
    const { log } = await bench.succeed("hostname; head -n 1 /etc/hosts", { hostname: "box" });
    expect(log).toBe("box\n127.0.0.1\tlocalhost box\n");
  });

  it("has only loopback with --network=none", async () => {
    const { log } = await bench.succeed("ls /sys/class/net", { network: "none" });
    expect(log.trim()).toBe("lo");
  });

  it("runs a script that exists only during the step", async () => {
    const script = { path: "/dev/pipes/EOF", content: "#!/bin/sh\necho script $0 > /out\n" };
    const { diff } = await bench.succeed("/dev/pipes/EOF", { script });
    expect([...diff.keys()]).toEqual(["out"]);
    expect(diff.get("out")?.content).toBe("script /dev/pipes/EOF\n");
  });

  it("can write any number of any bytes, of which the first megabytes are sent", async () => {
    const { log } = await bench.succeed("head -c 6000000 /dev/zero; echo end", {});
    expect(log.length).toBe(4 * 1024 * 1024);
    const { log: text } = await bench.succeed("echo -en 'gr\\303'; sleep 0.1; echo -en '\\274n \\377\\n'");
    expect(text).toBe("grün \ufffd\n");
  });
});
