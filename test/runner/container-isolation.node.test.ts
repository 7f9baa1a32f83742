import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ContainerSuite } from "./container-suite.ts";

// What the processes of a container can and cannot reach.

const suite = new ContainerSuite();

suite.withRunner((runtime) => {
  test("contains a copy of a folder of its context, and nothing of other contexts", async () => {
    const mounts = [{ type: "bind", source: "project", target: "/mnt" }];
    const script = "cat /mnt/page; echo changed > /mnt/page; cat /mnt/page";
    expect(await suite.shell(script, { mounts, context: suite.context })).toEqual([
      "from the project\nchanged\n",
      0,
    ]);
    expect(await suite.shell("cat /mnt/page", { mounts, context: suite.context })).toEqual([
      "from the project\n",
      0,
    ]);
    const other = `sha256:${"0".repeat(64)}`;
    const answer = await suite.request({ mounts, context: other });
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: "context-unknown" }),
    ]);
    const client = await suite.start({
      mounts: [{ type: "bind", source: "../..", target: "/mnt" }],
      context: suite.context,
      entrypoint: "ls",
      command: ["/mnt"],
    });
    await client.receive("exit").catch(() => {});
    expect(client.text.split(/\s+/)).not.toContain("etc");
  });

  test("executes further processes, with the rights and the files of the container, and no longer than it", async () => {
    await writeFile(join(suite.folder, "secret"), "of the machine");
    const status = "grep -E '^(Cap(Prm|Eff|Bnd)|Seccomp|NoNewPrivs):' /proc/self/status";
    const marker = `${Date.now()}`.slice(-7);
    const client = await suite.start({
      entrypoint: "sh",
      command: ["-c", `${status} > /status; cat /proc/self/cgroup > /group; echo ready; sleep 1000`],
      env: ["A=own"],
      ...(runtime !== "unshare" && { user: "alice", mounts: [{ type: "tmpfs", target: "/scratch" }] }),
    });
    await client.see(/ready|denied/);
    if (runtime === "unshare") {
      expect(await client.exec(["true"])).toEqual([expect.stringContaining("neither crun nor runc"), 126]);
      client.close();
      return;
    }
    expect(await client.exec(["sh", "-c", "echo $A $E; id -u; pwd; exit 7"])).toEqual([
      "own image\n1000\n/w\n",
      7,
    ]);
    expect(await client.exec(["sh", "-c", "echo no >&2"])).toEqual(["no\n", 0]);
    client.close();
    const other = await suite.start({
      entrypoint: "sh",
      command: ["-c", `${status} > /status; cat /proc/self/cgroup > /group; echo ready; sleep 1000`],
    });
    await other.see(/ready/);
    const same = `${status} > /s; cat /proc/self/cgroup > /g; cmp /s /status && cmp /g /group && echo same`;
    expect(await other.exec(["sh", "-c", same])).toEqual(["same\n", 0]);
    const tries = [
      `cat ${join(suite.folder, "secret")} && echo REACHED`,
      "mkdir -p /m; mount -t proc proc /m && echo REACHED mount",
      "echo x > /proc/sys/kernel/core_pattern && echo REACHED kernel",
      "wget -q -T 2 -O - http://1.1.1.1/ && echo REACHED network",
      "ls /proc/self/fd | while read fd; do readlink /proc/self/fd/$fd; done | grep / | grep -v -E '^(/dev/null|/proc/)' && echo REACHED descriptor",
      "echo end",
    ];
    const [text] = await other.exec(["sh", "-c", tries.join("\n")]);
    expect(text).toContain("end\n");
    expect(text).not.toContain("REACHED");
    expect((await other.exec(["/no/such"]))[1]).not.toBe(0);
    expect((await other.exec(["sh", "-c", "yes | head -c 3000000"]))[0].length).toBe(1024 * 1024);
    const left = other.exec(["sleep", `4${marker}`]).catch(() => "ended");
    const isRunning = () => spawnSync("pgrep", ["-f", `^sleep 4${marker}`]).status === 0;
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(true);
    other.close();
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
    expect(await left).toBe("ended");
  });

  test.each(["/", "/.", "/x/..", "/proc", "/proc/self/fd", "/sys/fs", "/dev"])(
    "nothing is mounted on %s",
    async (target) => {
      for (const mount of [
        { type: "tmpfs", target },
        { type: "volume", name: "vol", target },
      ]) {
        const answer = await suite.request({ mounts: [mount] });
        expect(answer.status).toBe(400);
        await answer.body?.cancel();
      }
    },
  );

  test("cannot reach the server or the machine", async () => {
    await writeFile(join(suite.folder, "secret"), "of the machine");
    const { port } = new URL(suite.url);
    const tries = [
      `nc -w 2 127.0.0.1 ${port} </dev/null && echo REACHED server`,
      `wget -q -T 2 -O - http://localhost:${port}/healthz && echo REACHED server`,
      "wget -q -T 2 -O - http://1.1.1.1/ && echo REACHED network",
      `cat ${join(suite.folder, "secret")} && echo REACHED file`,
      `cat /proc/1/root${join(suite.folder, "secret")} && echo REACHED file`,
      "for d in /proc/[0-9]*; do n=$((n+1)); done; test $n -lt 12 || echo REACHED processes",
      "mkdir -p /m; mount -t proc proc /m && echo REACHED mount",
      "mount -t tmpfs t /m && echo REACHED mount",
      "echo x > /proc/sys/kernel/core_pattern && echo REACHED kernel",
      "echo b > /proc/sysrq-trigger && echo REACHED kernel",
      "mknod /m/d b 7 0 && dd if=/m/d of=/dev/null bs=1 count=1 && echo REACHED device",
      "find /sys/fs/cgroup -name release_agent | grep . && echo REACHED cgroup",
      "ls -A /dev/.machine 2>/dev/null | grep . && echo REACHED root",
    ];
    const [text] = await suite.shell(`${tries.join("\n")}\necho end`);
    expect(text).toContain("end\n");
    expect(text).not.toContain("REACHED");
    expect(text).not.toContain("of the machine");
  });

  test("cannot start more processes than its limit", async () => {
    const [text] = await suite.shell(
      "i=0; while [ $i -lt 400 ]; do sleep 20 & i=$((i+1)); done 2>&1; echo end",
    );
    expect(text).toMatch(/can't fork|Resource temporarily unavailable/);
  });
});
