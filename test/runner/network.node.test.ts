import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllowedPort } from "../../src/runner/network/allowed-port.ts";
import { ownAddresses, readAddressTables } from "../../src/runner/network/own-addresses.ts";
import { childrenOf } from "../../src/runner/sandbox/children.ts";
import { findProgram, findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { type OrdinaryUser, ordinaryUser } from "./ordinary-user.ts";
import { type OtherMachine, startOtherMachine } from "./other-machine.ts";
import { patient, unable, Workbench } from "./workbench.ts";

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name));

/** An HTTP server that answers with its name. */
async function serve(address: string, name: string): Promise<{ server: Server; port: number }> {
  const server = createServer((_, response) => response.end(`hello from ${name}\n`)).listen(0, address);
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

/** Sends a request to each host and reports those that did not answer. */
function ask(...hosts: string[]): string {
  return hosts.map((host) => `wget -q -T 3 -O - http://${host}/ || echo no way to ${host}`).join("; ");
}

/** State of the machine that programs for networks leave behind. Docker and others change the rest at any time. */
function traces(): string[] {
  const lines = (...words: string[]) =>
    execFileSync(words[0] as string, words.slice(1), { encoding: "utf8" }).split("\n");
  return [
    ...lines("ip", "-oneline", "link", "show", "type", "tun"),
    ...lines("ip", "-oneline", "link").filter((line) => /varve(?!-test)/.test(line)),
    ...lines("iptables-save").filter((line) => line.includes("varve")),
    ...lines("ip", "netns", "list").filter((line) => line.includes("varve")),
  ];
}

/** A process and all its descendants. */
function family(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(family)];
}

/** The name of a process; empty when it has ended. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** CI has pasta. */
const lacksPasta = process.env.CI !== "true" && findProgram("pasta") === undefined;

describe.skipIf(unable || lacksPasta)("the network of steps", patient, () => {
  let user: OrdinaryUser;
  let other: OtherMachine;
  let onLoopback: Awaited<ReturnType<typeof serve>>;
  let onIpv6: Awaited<ReturnType<typeof serve>>;
  let onAll: Awaited<ReturnType<typeof serve>>;
  // The usual setting, except in small containers.
  const tun = statSync("/dev/net/tun").mode;
  beforeAll(async () => {
    chmodSync("/dev/net/tun", 0o666);
    user = await ordinaryUser("varve-many", { ids: true });
    other = await startOtherMachine(71);
    onLoopback = await serve("127.0.0.1", "loopback");
    onIpv6 = await serve("::1", "loopback of IPv6");
    onAll = await serve("::", "the machine");
  });
  afterAll(async () => {
    for (const { server } of [onLoopback, onIpv6, onAll]) server.close();
    await other[Symbol.asyncDispose]();
    chmodSync("/dev/net/tun", tun);
    execFileSync("rm", ["-rf", user.folder]);
  });

  describe.each(runtimes)("with %s", (runtime) => {
    describe.each(["root", "another user"])("for %s", (who) => {
      let bench: Workbench;
      beforeAll(async () => {
        const settings = {
          runtime,
          networkAllow: [
            `localhost:${onLoopback.port}`,
            "proxy.test:1",
            `six.test:${onIpv6.port}`,
            `[::1]:${onIpv6.port}`,
          ].map(parseAllowedPort),
        };
        bench = who === "root" ? await Workbench.start(settings) : await Workbench.startAs(user, settings);
      });
      afterAll(() => bench.close());

      it("reaches other machines", async () => {
        const { log } = await bench.succeed(ask(other.host));
        expect(log).toBe("hello from another machine\n");
      });

      it("does not reach the machine through any of its addresses", async () => {
        const addresses = [...ownAddresses(readAddressTables())];
        expect(addresses).toContain(other.own);
        const hosts = addresses.flatMap((address) => {
          if (!address.includes(":")) return [`${address}:${onAll.port}`];
          return address.startsWith("fe80")
            ? [`[${address}%eth0]:${onAll.port}`]
            : [`[${address}]:${onAll.port}`];
        });
        const all = [`127.0.0.1:${onAll.port}`, `[::1]:${onAll.port}`, `0.0.0.0:${onAll.port}`, ...hosts];
        const { log } = await bench.succeed(`${ask(...all)} 2>/dev/null`);
        expect(log).not.toContain("hello");
        for (const host of all) expect(log).toContain(`no way to ${host}\n`);
      });

      it("reaches allowed ports of the machine under their names", async () => {
        const { port } = onLoopback;
        const { log } = await bench.succeed(
          `${ask(`127.0.0.1:${port}`, `localhost:${port}`)}; grep -c '^127.0.0.1.proxy.test$' /etc/hosts`,
        );
        expect(log).toBe("hello from loopback\nhello from loopback\n1\n");
      });

      it("reaches allowed ports of servers that have only IPv6", async () => {
        const { port } = onIpv6;
        const { log } = await bench.succeed(ask(`[::1]:${port}`, `six.test:${port}`));
        expect(log).toBe("hello from loopback of IPv6\nhello from loopback of IPv6\n");
      });

      it("does not reach the machine through a range of addresses that it accepts", async () => {
        const ranges = [
          ["-4", "198.18.80.0/24", "198.18.80.7"],
          ["-6", "2001:db8:80::/64", "[2001:db8:80::7]"],
        ] as const;
        const route = (action: string) => {
          for (const [family, range] of ranges)
            execFileSync("ip", [family, "route", action, "local", range, "dev", "lo"]);
        };
        route("add");
        try {
          const hosts = ranges.map(([, , host]) => `${host}:${onAll.port}`);
          for (const host of hosts)
            expect(await (await fetch(`http://${host}/`)).text()).toBe("hello from the machine\n");
          const { log } = await bench.succeed(ask(...hosts));
          expect(log).not.toContain("hello");
          for (const host of hosts) expect(log).toContain(`no way to ${host}\n`);
        } finally {
          route("delete");
        }
      });

      it("has the extra hosts of the build, including host-gateway", async () => {
        const hosts = [
          { name: "gateway.test", address: "host-gateway" },
          { name: "other.test", address: other.host.split(":")[0] as string },
        ];
        const names = [`gateway.test:${onLoopback.port}`, "other.test:8080"];
        const { log } = await bench.succeed(ask(...names), { hosts });
        expect(log).toBe("hello from loopback\nhello from another machine\n");
      });

      it("is separate for each step", async () => {
        const began = Promise.withResolvers<void>();
        bench.server.onLog = (_, text) => text.includes("listens") && began.resolve();
        const job = bench.job("busybox nc -l -p 7000 >/got & echo listens; sleep 2; cat /got", {
          env: [["PATH", "/bin"]],
        });
        const first = bench.server.run(job);
        await began.promise;
        const addresses = [...ownAddresses(readAddressTables())].filter((address) => !address.includes(":"));
        const { log } = await bench.succeed(
          ["127.0.0.1", ...addresses]
            .map((address) => `echo intruder | busybox nc -w 1 ${address} 7000 || echo no way`)
            .join("; "),
        );
        expect(log.split("\n").filter((line) => line === "no way")).toHaveLength(addresses.length + 1);
        expect((await first).log).not.toContain("intruder");
      });

      it("has its own loopback and resolves names", async () => {
        const { log } = await bench.succeed(
          "(echo hi | busybox nc -l -p 80 >/dev/null) & sleep 0.3; busybox nc -w 2 127.0.0.1 80; grep -c ^nameserver /etc/resolv.conf",
        );
        expect(log).toMatch(/^hi\n[1-9]/);
      });

      it("is absent with --network=none, and never the machine's", async () => {
        const { log } = await bench.succeed(`grep -c : /proc/net/dev; ${ask(other.host)}`, {
          network: "none",
        });
        expect(log).toContain("1\n");
        expect(log).toContain(`no way to ${other.host}\n`);
        const { failure } = await bench.run("true", { network: "host" });
        expect(failure).toEqual({ reason: "refused", message: "network.host is not allowed" });
      });

      it("leaves nothing behind", async () => {
        const before = traces();
        await Promise.all([bench.run("true"), bench.run("false"), bench.run(ask(other.host))]);
        expect(await bench.leftovers()).toEqual([]);
        expect(traces()).toEqual(before);
      });
    });
  });

  it("does not reach an address that the machine got later", async () => {
    const bench = await Workbench.start();
    await bench.succeed("true");
    execFileSync("ip", ["address", "add", "198.18.72.1/32", "dev", "lo"]);
    try {
      const { log } = await bench.succeed(ask(`198.18.72.1:${onAll.port}`));
      expect(log).toContain("no way to 198.18.72.1");
    } finally {
      execFileSync("ip", ["address", "delete", "198.18.72.1/32", "dev", "lo"]);
      await bench.close();
    }
  });

  it("is the machine's with --network host", async () => {
    const bench = await Workbench.start({ network: "host" });
    const { log } = await bench.succeed(ask(`127.0.0.1:${onLoopback.port}`, other.host));
    expect(log).toBe("hello from loopback\nhello from another machine\n");
    expect(bench.server.messages[0]).toMatchObject({ type: "hello", allow: ["network.host"] });
    await bench.close();
  });

  it("is absent with --network none, and the error of a failing step explains that", async () => {
    const bench = await Workbench.start({ network: "none", allow: ["network.host"] });
    expect((await bench.succeed("ls /sys/class/net")).log).toBe("lo\n");
    expect((await bench.run("exit 3")).failure?.hint).toMatch(/--network none/);
    const host = await bench.succeed(ask(`127.0.0.1:${onLoopback.port}`), { network: "host" });
    expect(host.log).toBe("hello from loopback\n");
    await bench.close();
  });

  it("ends when the runner is killed, and leaves nothing behind", async () => {
    const before = traces();
    const bench = await Workbench.startApart([]);
    const began = Promise.withResolvers<void>();
    bench.server.onLog = () => began.resolve();
    void bench.server.run(bench.job(`${ask(other.host)}; sleep 100`));
    await began.promise;
    const all = family(bench.pid);
    const names = all.map(nameOf);
    // One of the step, and a spare one for the next step.
    expect(names.filter((name) => name.startsWith("pasta")).length).toBeGreaterThan(0);
    process.kill(bench.pid, "SIGKILL");
    for (let tries = 0; all.some(isRunning) && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(all.filter(isRunning)).toEqual([]);
    expect(traces()).toEqual(before);
    await bench.server.close();
  });
});

/** The prefix of a command that hides the program from it. */
const withoutPasta = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  'mount --bind /dev/null /usr/bin/pasta && exec "$@"',
  "-",
];

describe.skipIf(unable || lacksPasta)("where the machine has no pasta", patient, () => {
  it("a server on the machine reports it at its start", async () => {
    using data = temporaryFolder();
    const program = join(import.meta.dirname, "../../src/cli/varve.ts");
    const [command = "", ...words] = [...withoutPasta, process.execPath, program, "serve"];
    const child = spawn(command, words, {
      env: { ...process.env, PORT: "0", VARVE_DATA: data.path },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    expect(line).toMatch(/RUN: here; .*pasta is not installed .*apt install passt.*--network host/);
    child.kill("SIGTERM");
    await exited;
  });

  it("steps have no network, and the runner and a failing step name the package to install", async () => {
    const bench = await Workbench.startApart(withoutPasta);
    expect((await bench.succeed("ls /sys/class/net")).log).toBe("lo\n");
    const { failure } = await bench.run("wget -q -O - http://192.0.2.1/");
    expect(failure).toMatchObject({ reason: "exit", exitCode: 1 });
    expect(failure?.hint).toMatch(/pasta is not installed .*apt install passt.*--network host/);
    await bench.close();
    expect(bench.stderr).toMatch(/pasta is not installed .*apt install passt/);
  });
});
