import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RunnerList } from "../../schemas/runner-list.ts";
import { formatListingLine } from "../../src/rootfs/listing-line.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { type Runner, startRunner } from "../../src/runner/runner.ts";
import { findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { openTerminal, requestContainer, TerminalClient, type Wanted } from "../helpers/terminal-client.ts";
import { archive, busyboxItems, type Item, unable } from "./workbench.ts";

// Containers that clients start: server, runner and runtime are real.

const folder = suiteFolder();
const applets =
  "stty tty seq tr head dd df wc ps id awk yes find touch nc httpd printf test date cmp readlink".split(" ");
const items: Item[] = [
  ...busyboxItems(),
  ...applets
    .filter((name) => !busyboxItems().some(({ path }) => path === `bin/${name}`))
    .map((name): Item => ({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
  { path: "data", type: "dir", uid: 1000, gid: 100 },
  { path: "data/f", content: "seed\n" },
];
const dockerfile = `FROM scratch
ADD rootfs.tar /
ENV E=image PATH=/bin
COPY project /project
WORKDIR /w
ENTRYPOINT ["sh", "-c"]
CMD ["echo default $E $PWD"]
`;
let server: LocalServer;
let context: string;

beforeAll(async () => {
  if (unable) return;
  server = await startLocalServer({ port: 0, data: join(folder, "server") });
  const body = archive([
    { path: "Dockerfile", content: dockerfile },
    { path: "rootfs.tar", content: archive(items) },
    { path: "project", type: "dir" },
    { path: "project/page", content: "from the project\n" },
  ]);
  const answer = await fetch(`${server.url}/v1/builds?t=run-test`, { method: "POST", body });
  if (!answer.ok) throw new Error(await answer.text());
  context = await sendContext({ "project/page": "from the project\n" });
});

/** Sends files of the project as a context of the image. Their contents are stored already. */
async function sendContext(files: Record<string, string>): Promise<string> {
  const nodes = Object.entries(files).map(([path, text]): Node => {
    const digest = sha256(new TextEncoder().encode(text));
    return { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: text.length, digest };
  });
  const directory: Node = { path: "project", type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
  const body = [directory, ...nodes].map((node) => `${formatListingLine(node)}\n`).join("");
  const answer = await fetch(`${server.url}/v1/contexts?scope=run-test`, { method: "POST", body });
  const state = (await answer.json()) as { digest: string; missing: string[] };
  expect(state.missing).toEqual([]);
  return state.digest;
}

afterAll(async () => {
  await server?.close();
});

/** Waits until the server knows the runner. */
async function untilConnected(): Promise<void> {
  const list = async () => (await (await fetch(`${server.url}/v1/runners`)).json()) as RunnerList;
  await vi.waitUntil(async () => (await list()).runners.length === 1, { timeout: 20_000 });
}

const open = new Set<TerminalClient>();

async function start(wanted: Wanted = {}): Promise<TerminalClient> {
  const client = await TerminalClient.start(server.url, "run-test", wanted);
  open.add(client);
  return client;
}

/** Output and exit code of a command. */
async function shell(script: string, wanted: Wanted = {}): Promise<[output: string, code: number]> {
  const client = await start({ entrypoint: "sh", command: ["-c", script], ...wanted });
  const code = await client.exit();
  return [client.text.replaceAll("\r\n", "\n"), code];
}

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => {
  try {
    findRuntime(name);
    return true;
  } catch {
    return false;
  }
});

describe.skipIf(unable)("without a runner", () => {
  test("a start is rejected with the reason", async () => {
    const answer = await requestContainer(server.url, "run-test");
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: "runner-missing" }),
    ]);
  });
});

describe.skipIf(unable).each(runtimes)("%s", (runtime) => {
  let runner: Runner;
  const data = join(folder, runtime);

  beforeAll(async () => {
    runner = await startRunner({
      server: server.url,
      token: "",
      data,
      capacity: 2,
      containers: 3,
      runtime,
      print: () => {},
    });
    await untilConnected();
  });
  afterAll(async () => {
    for (const client of open) client.close();
    await runner.close(true);
  });

  test("answers requests to its ports until it ends", async () => {
    const odd = "HTTP/1.1 200 OK\\r\\nSet-Cookie: a=b\\r\\nContent-Length: 2\\r\\n\\r\\nhi";
    const script = [
      "httpd -p 8080 -h /project",
      `(while :; do printf '${odd}' | nc -l -p 8081; done) &`,
      "(head -c 300000 /dev/zero; echo end) >/project/large",
      "echo ready; sleep 1000",
    ].join("\n");
    const client = await start({ entrypoint: "sh", command: ["-c", script] });
    await client.see(/ready/);
    const ports = `${server.url}${client.created.ports}`;
    const get = (path: string, init?: RequestInit) => fetch(`${ports}${path}`, init);
    await expect
      .poll(async () => (await get("8080/page")).text(), { timeout: 10_000 })
      .toBe("from the project\n");
    expect((await get("8080/none")).status).toBe(404);
    expect((await (await get("8080/large")).arrayBuffer()).byteLength).toBe(300_004);
    const headers = { cookie: "a=1", authorization: "Bearer secret", "x-forwarded-for": "1.1.1.1" };
    const answer = await get("8081/?q", { headers });
    expect([answer.headers.get("set-cookie"), await answer.text()]).toEqual([null, "hi"]);
    await client.see(/GET \/\?q HTTP\/1\.1[\s\S]*host: /i);
    expect(client.text).not.toMatch(/cookie|authorization|forwarded|secret/i);
    expect(await (await get("9/")).json()).toMatchObject({
      code: "port-unanswered",
      detail: "Cannot open port 9: no program in the container listens there",
    });
    // The path of another container does not reach it, and it does not reach the machine.
    const machine = new URL(server.url).port;
    expect((await get(`${machine}/healthz`)).status).toBe(502);
    client.send({ type: "stop" });
    client.close();
    await expect.poll(async () => (await get("8080/page")).status, { timeout: 20_000 }).toBe(404);
  });

  test("runs the command of the image and reports its exit code", async () => {
    const client = await start();
    expect(await client.exit()).toBe(0);
    expect(client.text).toBe("default image /w\r\n");
    expect(client.messages.map(({ type }) => type)).toContain("started");
  });

  test("runs another command, with variables, as another user", async () => {
    const script = "echo $E $A; id -u; pwd; exit 7";
    expect(await shell(script, { env: ["A=b c"], user: "alice", workdir: "/tmp" })).toEqual([
      "image b c\n1000\n/tmp\n",
      7,
    ]);
  });

  test("reports why a command cannot be executed", async () => {
    const client = await start({ entrypoint: "/no/such" });
    // Without a runtime the machine's shell reports it.
    if (runtime === "unshare") {
      expect(await client.exit()).toBe(127);
      expect(client.text).toMatch(/not found|no such/i);
      return;
    }
    expect(await client.receive("failed")).toMatchObject({
      reason: "refused",
      message: expect.stringMatching(/no such|not found/i),
    });
  });

  test("has a terminal with input, changes of size and Ctrl-C", async () => {
    const client = await start({ entrypoint: "sh", command: [], size: { rows: 30, columns: 101 } });
    await client.receive("started");
    client.type("tty; stty size\n");
    await client.see(/(\/dev\/(pts\/\d|console)|not a tty)\r\n(30 101)\r\n/);
    client.send({ type: "resize", rows: 12, columns: 34 });
    await expect
      .poll(
        async () => {
          client.type("stty size\n");
          await new Promise((resolve) => setTimeout(resolve, 200));
          return client.text;
        },
        { timeout: 20_000 },
      )
      .toMatch(/\n12 34\r\n/);
    client.type("sleep 1000\n");
    await client.see(/sleep 1000\r\n/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.type("\x03");
    client.type("echo 'é한' after\n");
    await client.see(/\né한 after\r\n/);
    client.type("exit 3\n");
    expect(await client.exit()).toBe(3);
  });

  test("stops with the image's stop signal", async () => {
    const client = await start({
      entrypoint: "sh",
      command: ["-c", "trap 'echo stopping; exit 5' TERM; echo ready; while true; do sleep 0.1; done"],
    });
    await client.see(/ready/);
    client.send({ type: "stop" });
    expect(await client.exit()).toBe(5);
    expect(client.text).toContain("stopping");
  });

  test("is killed when it ignores the signal", async () => {
    const client = await start({
      entrypoint: "sh",
      command: ["-c", "trap '' TERM; echo ready; while true; do sleep 1; done"],
    });
    await client.see(/ready/);
    client.send({ type: "stop" });
    expect(await client.exit()).toBe(137);
  });

  test("ends with its client and leaves nothing", async () => {
    const marker = `${Date.now()}`.slice(-7);
    const client = await start({ entrypoint: "sh", command: ["-c", `echo ready; sleep 4${marker}`] });
    await client.see(/ready/);
    const isRunning = () => spawnSync("pgrep", ["-f", `sleep 4${marker}`]).status === 0;
    expect(isRunning()).toBe(true);
    client.close();
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
    await expect.poll(() => readdirSync(join(data, "containers")), { timeout: 10_000 }).toEqual([]);
  });

  test("starts from the image each time; volumes are shared by a workspace, and by no other", async () => {
    const volume = { type: "volume", name: "vol", target: "/data" };
    const one = { workspace: "1".repeat(32), mounts: [volume] };
    expect(await shell("cat /data/f; echo more >> /data/f; echo x > /w/x", one)).toEqual(["seed\n", 0]);
    expect(await shell("cat /data/f; ls /w", one)).toEqual(["seed\nmore\n", 0]);
    expect(await shell("cat /data/f", { ...one, workspace: "2".repeat(32) })).toEqual(["seed\n", 0]);
    const [text, code] = await shell("echo x > /data/f", { ...one, mounts: [{ ...volume, readonly: true }] });
    expect([text, code]).toEqual([expect.stringContaining("Read-only"), 1]);
  });

  test("contains a copy of a folder of its context, and nothing of other contexts", async () => {
    const mounts = [{ type: "bind", source: "project", target: "/mnt" }];
    const script = "cat /mnt/page; echo changed > /mnt/page; cat /mnt/page";
    expect(await shell(script, { mounts, context })).toEqual(["from the project\nchanged\n", 0]);
    expect(await shell("cat /mnt/page", { mounts, context })).toEqual(["from the project\n", 0]);
    const other = `sha256:${"0".repeat(64)}`;
    const answer = await requestContainer(server.url, "run-test", { mounts, context: other });
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: "context-unknown" }),
    ]);
    const client = await start({
      mounts: [{ type: "bind", source: "../..", target: "/mnt" }],
      context,
      entrypoint: "ls",
      command: ["/mnt"],
    });
    await client.receive("exit").catch(() => {});
    expect(client.text.split(/\s+/)).not.toContain("etc");
  });

  test("has a tmpfs and a read-only root", async () => {
    const wanted = { readonly: true, mounts: [{ type: "tmpfs", target: "/scratch" }] };
    const [text, code] = await shell("echo x > /w/x; echo y > /scratch/y && cat /scratch/y", wanted);
    expect([text, code]).toEqual([expect.stringMatching(/Read-only file system\ny\n$/), 0]);
  });

  test("several run at the same time, and the next one waits until one ends", async () => {
    const clients = await Promise.all(
      [1, 2, 3].map(() => start({ entrypoint: "sh", command: ["-c", "echo ready; sleep 1000"] })),
    );
    for (const client of clients) await client.see(/ready/);
    const fourth = await start({ entrypoint: "echo", command: ["fourth"] });
    await fourth.receive("waiting");
    clients[0]?.close();
    expect(await fourth.exit()).toBe(0);
    for (const client of clients) client.close();
  });

  test("output waits for a client that does not acknowledge it", async () => {
    const client = await start({ entrypoint: "yes", command: ["0123456789"] });
    client.acknowledges = false;
    await client.see(/0123456789/);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { length } = client.text;
    expect(length).toBeLessThan(client.created.limits.window + 200_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(client.text.length).toBe(length);
    // What was not received cannot be acknowledged.
    for (const mark of ["", "0".repeat(16)]) client.send({ type: "ack", mark });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(client.text.length).toBe(length);
    client.send({ type: "ack", mark: client.lastMark ?? "" });
    await expect.poll(() => client.text.length, { timeout: 20_000 }).toBeGreaterThan(length);
    client.close();
  });

  test("executes further processes, with the rights and the files of the container, and no longer than it", async () => {
    await writeFile(join(folder, "secret"), "of the machine");
    const status = "grep -E '^(Cap(Prm|Eff|Bnd)|Seccomp|NoNewPrivs):' /proc/self/status";
    const marker = `${Date.now()}`.slice(-7);
    const client = await start({
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
    const other = await start({
      entrypoint: "sh",
      command: ["-c", `${status} > /status; cat /proc/self/cgroup > /group; echo ready; sleep 1000`],
    });
    await other.see(/ready/);
    const same = `${status} > /s; cat /proc/self/cgroup > /g; cmp /s /status && cmp /g /group && echo same`;
    expect(await other.exec(["sh", "-c", same])).toEqual(["same\n", 0]);
    const tries = [
      `cat ${join(folder, "secret")} && echo REACHED`,
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

  test("reaches neither the server nor the machine", async () => {});

  test("all output of a container that ends at once is shown", async () => {
    for (let count = 0; count < 5; count++)
      expect(await shell("echo 1; echo 2; exit 4")).toEqual(["1\n2\n", 4]);
  });

  test("reads a complete text that is longer than the buffer limit", async () => {
    const script = "stty raw -echo; echo ready; head -c 1500000 | wc -c; sleep 2";
    const client = await start({ entrypoint: "sh", command: ["-c", script] });
    await client.see(/ready/);
    client.type("0123456789\r".repeat(150_000));
    await client.see(/1500000/);
    client.close();
  });

  test("a size that is set before the runtime runs stays", async () => {
    for (const rows of [41, 42, 43]) {
      const client = await start({ entrypoint: "sh", command: ["-c", "sleep 1; stty size"] });
      await client.receive("started");
      client.send({ type: "resize", rows, columns: 77 });
      await client.see(new RegExp(`^${rows} 77`, "m"));
      client.close();
    }
  });

  test("rapid size changes are applied in order, and the last one stays", async () => {
    const client = await start({ entrypoint: "sh", command: [] });
    await client.receive("started");
    for (let rows = 1; rows <= 400; rows++) client.send({ type: "resize", rows, columns: 77 });
    let most = 0;
    await expect
      .poll(
        async () => {
          most = Math.max(
            most,
            Number(spawnSync("pgrep", ["-c", "-x", "-P", String(process.pid), "stty"]).stdout),
          );
          client.type("stty size\n");
          await new Promise((resolve) => setTimeout(resolve, 100));
          return client.text;
        },
        { timeout: 20_000 },
      )
      .toMatch(/\n400 77\r\n/);
    expect(most).toBeLessThanOrEqual(1);
    client.close();
  });

  test.each(["/", "/.", "/x/..", "/proc", "/proc/self/fd", "/sys/fs", "/dev"])(
    "nothing is mounted on %s",
    async (target) => {
      for (const mount of [
        { type: "tmpfs", target },
        { type: "volume", name: "vol", target },
      ]) {
        const answer = await requestContainer(server.url, "run-test", { mounts: [mount] });
        expect(answer.status).toBe(400);
        await answer.body?.cancel();
      }
    },
  );

  test("cannot reach the server or the machine", async () => {
    await writeFile(join(folder, "secret"), "of the machine");
    const { port } = new URL(server.url);
    const tries = [
      `nc -w 2 127.0.0.1 ${port} </dev/null && echo REACHED server`,
      `wget -q -T 2 -O - http://localhost:${port}/healthz && echo REACHED server`,
      "wget -q -T 2 -O - http://1.1.1.1/ && echo REACHED network",
      `cat ${join(folder, "secret")} && echo REACHED file`,
      `cat /proc/1/root${join(folder, "secret")} && echo REACHED file`,
      "for d in /proc/[0-9]*; do n=$((n+1)); done; test $n -lt 12 || echo REACHED processes",
      "mkdir -p /m; mount -t proc proc /m && echo REACHED mount",
      "mount -t tmpfs t /m && echo REACHED mount",
      "echo x > /proc/sys/kernel/core_pattern && echo REACHED kernel",
      "echo b > /proc/sysrq-trigger && echo REACHED kernel",
      "mknod /m/d b 7 0 && dd if=/m/d of=/dev/null bs=1 count=1 && echo REACHED device",
      "find /sys/fs/cgroup -name release_agent | grep . && echo REACHED cgroup",
      "ls -A /dev/.machine 2>/dev/null | grep . && echo REACHED root",
    ];
    const [text] = await shell(`${tries.join("\n")}\necho end`);
    expect(text).toContain("end\n");
    expect(text).not.toContain("REACHED");
    expect(text).not.toContain("of the machine");
  });

  test("cannot start more processes than its limit", async () => {
    const [text] = await shell("i=0; while [ $i -lt 400 ]; do sleep 20 & i=$((i+1)); done 2>&1; echo end");
    expect(text).toMatch(/can't fork|Resource temporarily unavailable/);
  });
});

describe.skipIf(unable)("a terminal", () => {
  let runner: Runner;
  beforeAll(async () => {
    runner = await startRunner({
      server: server.url,
      token: "",
      data: join(folder, "last"),
      capacity: 2,
      print: () => {},
    });
    await untilConnected();
  });
  afterAll(() => runner.close(true));

  const isOpened = (socket: WebSocket) =>
    new Promise<boolean>((resolve) => {
      socket.addEventListener("open", () => resolve(true));
      socket.addEventListener("error", () => resolve(false));
    });

  test("is opened only with its token, and only once", async () => {
    const answer = await requestContainer(server.url, "run-test", { entrypoint: "sleep", command: ["1000"] });
    const created = (await answer.json()) as { id: string; token: string };
    expect(await isOpened(openTerminal(server.url, { ...created, token: "wrong" }))).toBe(false);
    const socket = openTerminal(server.url, created);
    expect(await isOpened(socket)).toBe(true);
    expect(await isOpened(openTerminal(server.url, created))).toBe(false);
    socket.close();
  });

  test("a client that sends more than may wait is disconnected", async () => {
    const wanted = { entrypoint: "sh", command: ["-c", "stty raw -echo; echo ready; sleep 1000"] };
    const created = await (await requestContainer(server.url, "run-test", wanted)).json();
    const socket = openTerminal(server.url, created as { id: string; token: string });
    const closed = new Promise<number>((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve(code));
    });
    await new Promise<void>((resolve) => {
      socket.addEventListener("message", ({ data }) => String(data).includes("ready") && resolve());
    });
    const input = JSON.stringify({ type: "input", text: "x".repeat(64 * 1024) });
    for (let sent = 0; sent < 20; sent++) socket.send(input);
    expect(await closed).toBe(1008);
  });

  test("reports that the runner disconnected", async () => {
    const client = await start({ entrypoint: "sh", command: ["-c", "echo ready; sleep 1000"] });
    await client.see(/ready/);
    await runner.close(true);
    expect(await client.receive("failed")).toMatchObject({ type: "failed" });
    expect(existsSync(join(folder, "last", "workspaces"))).toBe(false);
  });
});
