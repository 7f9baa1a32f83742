import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patient, unable, Workbench } from "./workbench.ts";

/** Capabilities of root in a container without --privileged. */
const capabilities =
  "chown dac_override fsetid fowner mknod net_raw setgid setuid setfcap setpcap net_bind_service sys_chroot kill audit_write";
const asInContainer = [
  "setpriv",
  "--bounding-set",
  ["-all", ...capabilities.split(" ").map((name) => `+${name}`)].join(","),
  "--",
];

describe.skipIf(unable)("a runner without the right to mount", patient, () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.startApart(asInContainer);
  });
  afterAll(() => bench.close());

  it("runs steps in a user namespace", async () => {
    const { log, diff } = await bench.succeed("cat /proc/self/uid_map; id; echo x > /f; chown 1000:100 /f");
    expect(log).toMatch(/^ +0 +0 +65536\nuid=0\(root\)/);
    expect(diff.get("f")).toMatchObject({ content: "x\n", uid: 1000, gid: 100 });
  });

  it("has a separate network for each step", async () => {
    const { log } = await bench.succeed("grep -c : /proc/net/dev; cat /etc/resolv.conf | grep -c nameserver");
    expect(log).toBe("2\n1\n");
    expect((await bench.run("exit 3")).failure?.hint).toBeUndefined();
    expect(await bench.leftovers()).toEqual([]);
  });

  it("records removals and replaced directories", async () => {
    const layers = [bench.base, bench.layer({ path: "d", type: "dir" }, { path: "d/old", content: "1" })];
    const { diff } = await bench.succeed("rm -r /d /tmp; mkdir /d; touch /d/new", { layers });
    expect([...diff.keys()].sort()).toEqual([".wh.tmp", "d", "d/.wh.old", "d/new"]);
    expect(diff.get("d")?.xattrs).toBeUndefined();
  });

  it("applies whiteouts and opaque whiteouts", async () => {
    const lower = bench.layer({ path: "o", type: "dir" }, { path: "o/below" }, { path: "gone" });
    const upper = bench.layer({ path: "o/.wh..wh..opq" }, { path: "o/above" }, { path: ".wh.gone" });
    const { log } = await bench.succeed("ls /o; ls / | grep -c gone || true", {
      layers: [bench.base, lower, upper],
    });
    expect(log).toBe("above\n0\n");
  });

  it("runs as other users, with mounts and secrets", async () => {
    const { log, diff } = await bench.succeed("id -u; cat /run/secrets/s; touch /t/x; ls /etc/hosts", {
      user: "alice",
      mounts: [
        {
          type: "secret",
          id: "s",
          target: "/run/secrets/s",
          value: btoa("s\n"),
          uid: 1000,
          gid: 0,
          mode: 0o400,
        },
        { type: "tmpfs", target: "/t", readonly: false },
      ],
    });
    expect(log).toBe("1000\ns\n/etc/hosts\n");
    expect(diff.size).toBe(0);
  });

  it("has no access to the machine's control groups and devices", async () => {
    const { log } = await bench.succeed("touch /sys/fs/cgroup/x; mknod /d b 8 0; head -c 1 /d; true");
    expect(log).toContain("Read-only file system");
    expect(log).toMatch(/not permitted|Permission denied/);
  });

  it("leaves nothing behind", async () => {
    expect(await bench.leftovers()).toEqual([]);
  });
});
