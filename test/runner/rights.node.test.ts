import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProgram, findRuntime } from "../../src/runner/runtime.ts";
import { type OrdinaryUser, ordinaryUser } from "./ordinary-user.ts";
import { patient, unable, Workbench } from "./workbench.ts";

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name));

describe.skipIf(unable)("rights beyond those of a step", patient, () => {
  it("are refused in BuildKit's words where the operator does not allow them", async () => {
    const bench = await Workbench.start({ network: "none" });
    const insecure = await bench.run("true", { security: "insecure" });
    expect(insecure.failure).toEqual({ reason: "refused", message: "security.insecure is not allowed" });
    const host = await bench.run("true", { network: "host" });
    expect(host.failure).toEqual({ reason: "refused", message: "network.host is not allowed" });
    const [hello] = bench.server.messages;
    expect(hello).toMatchObject({ type: "hello", allow: [] });
    await bench.close();
  });

  describe.each(runtimes)("with %s, where they are allowed", (runtime) => {
    let bench: Workbench;
    beforeAll(async () => {
      bench = await Workbench.start({ runtime, allow: ["security.insecure"] });
    });
    afterAll(() => bench.close());

    it("let a step mount, and write to the kernel's files", async () => {
      const script =
        "mount -t tmpfs tmpfs /tmp && echo mounted; (echo x > /proc/sys/kernel/domainname) 2>/dev/null && echo writable; grep CapEff /proc/self/status";
      const { log } = await bench.succeed(script, { security: "insecure" });
      const [, own] = /^CapBnd:\s(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
      expect(log).toBe(`mounted\nwritable\nCapEff:\t${own}\n`);
      const { log: other } = await bench.run(script);
      expect(other).not.toContain("mounted");
      expect(other).not.toContain("writable");
    });

    it("are known to the server", () => {
      expect(bench.server.messages[0]).toMatchObject({ allow: ["security.insecure", "network.host"] });
    });
  });
});

describe.skipIf(unable)("the network of steps", patient, () => {
  const outside = "198.51.100.7";
  let servers: Server[];
  let ports: number[];
  beforeAll(async () => {
    // An address of its own stands for another machine: the way to it leads out of the container and in again.
    execFileSync("ip", ["address", "replace", `${outside}/32`, "dev", "lo"]);
    servers = ["127.0.0.1", outside].map((host) =>
      createServer((_, response) => response.end(`hello from ${host}\n`)).listen(0, host),
    );
    await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
    ports = servers.map((server) => (server.address() as AddressInfo).port);
  });
  afterAll(() => {
    for (const server of servers) server.close();
    execFileSync("ip", ["address", "delete", `${outside}/32`, "dev", "lo"]);
  });
  const asked = () =>
    ["127.0.0.1", outside]
      .map((host, index) => `wget -q -T 3 -O - http://${host}:${ports[index]}/ || echo no way to ${host}`)
      .join("; ");

  it("is that of the machine", async () => {
    const bench = await Workbench.start();
    expect((await bench.succeed(asked())).log).toBe(`hello from 127.0.0.1\nhello from ${outside}\n`);
    await bench.close();
  });

  it("is none where the operator says so, unless a step may ask for the machine's", async () => {
    const bench = await Workbench.start({ network: "none", allow: ["network.host"] });
    expect((await bench.succeed("ls /sys/class/net")).log).toBe("lo\n");
    const host = await bench.succeed(asked(), { network: "host" });
    expect(host.log).toContain("hello from 127.0.0.1");
    await bench.close();
  });

  describe.skipIf(process.env.CI !== "true" && !findProgram("pasta")).each(runtimes)(
    "behind pasta, with %s",
    (runtime) => {
      let user: OrdinaryUser;
      let benches: Workbench[];
      // As everywhere but in small containers.
      const tun = statSync("/dev/net/tun").mode;
      beforeAll(async () => {
        chmodSync("/dev/net/tun", 0o666);
        user = await ordinaryUser("varve-many", { ids: true });
        benches = [
          await Workbench.start({ runtime, network: "pasta" }),
          await Workbench.startAs(user, { runtime, network: "pasta" }),
        ];
      });
      afterAll(async () => {
        for (const bench of benches) await bench.close();
        chmodSync("/dev/net/tun", tun);
        execFileSync("rm", ["-rf", user.folder]);
      });

      it.each(["root", "another user"])("leads outside and not to the machine, for %s", async (who) => {
        const bench = benches[who === "root" ? 0 : 1] as Workbench;
        const { log } = await bench.succeed(`${asked()}; cat /etc/resolv.conf | head -n 1`);
        expect(log).toContain("no way to 127.0.0.1\n");
        expect(log).toContain(`hello from ${outside}\n`);
        expect(log).toContain("nameserver 169.254.1.1\n");
        expect((await bench.succeed("grep -c : /proc/net/dev", { network: "none" })).log).toBe("1\n");
        expect(await bench.leftovers()).toEqual([]);
      });
    },
  );
});
