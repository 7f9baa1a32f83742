import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ContainerSuite } from "./container-suite.ts";
import { unable } from "./workbench.ts";

// Containers that clients start: their life and their files.

const suite = new ContainerSuite();

describe.skipIf(unable)("without a runner", () => {
  test("a start is rejected with the reason", async () => {
    const answer = await suite.request();
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: "runner-missing" }),
    ]);
  });
});

suite.withRunner((runtime) => {
  test("answers requests to its ports until it ends", async () => {
    const odd = "HTTP/1.1 200 OK\\r\\nSet-Cookie: a=b\\r\\nContent-Length: 2\\r\\n\\r\\nhi";
    const script = [
      "httpd -p 8080 -h /project",
      `(while :; do printf '${odd}' | nc -l -p 8081; done) &`,
      "(head -c 300000 /dev/zero; echo end) >/project/large",
      "echo ready; sleep 1000",
    ].join("\n");
    const client = await suite.start({ entrypoint: "sh", command: ["-c", script] });
    await client.see(/ready/);
    const ports = `${suite.url}${client.created.ports}`;
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
    const machine = new URL(suite.url).port;
    expect((await get(`${machine}/healthz`)).status).toBe(502);
    client.send({ type: "stop" });
    client.close();
    await expect.poll(async () => (await get("8080/page")).status, { timeout: 20_000 }).toBe(404);
  });

  test("runs the command of the image and reports its exit code", async () => {
    const client = await suite.start();
    expect(await client.exit()).toBe(0);
    expect(client.text).toBe("default image /w\r\n");
    expect(client.messages.map(({ type }) => type)).toContain("started");
  });

  test("runs another command, with variables, as another user", async () => {
    const script = "echo $E $A; id -u; pwd; exit 7";
    expect(await suite.shell(script, { env: ["A=b c"], user: "alice", workdir: "/tmp" })).toEqual([
      "image b c\n1000\n/tmp\n",
      7,
    ]);
  });

  test("reports why a command cannot be executed", async () => {
    const client = await suite.start({ entrypoint: "/no/such" });
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

  test("stops with the image's stop signal", async () => {
    const client = await suite.start({
      entrypoint: "sh",
      command: ["-c", "trap 'echo stopping; exit 5' TERM; echo ready; while true; do sleep 0.1; done"],
    });
    await client.see(/ready/);
    client.send({ type: "stop" });
    expect(await client.exit()).toBe(5);
    expect(client.text).toContain("stopping");
  });

  test("is killed when it ignores the signal", async () => {
    const client = await suite.start({
      entrypoint: "sh",
      command: ["-c", "trap '' TERM; echo ready; while true; do sleep 1; done"],
    });
    await client.see(/ready/);
    client.send({ type: "stop" });
    expect(await client.exit()).toBe(137);
  });

  test("ends with its client and leaves nothing", async () => {
    const marker = `${Date.now()}`.slice(-7);
    const client = await suite.start({ entrypoint: "sh", command: ["-c", `echo ready; sleep 4${marker}`] });
    await client.see(/ready/);
    const isRunning = () => spawnSync("pgrep", ["-f", `sleep 4${marker}`]).status === 0;
    expect(isRunning()).toBe(true);
    client.close();
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
    await expect
      .poll(() => readdirSync(join(suite.folder, runtime, "containers")), { timeout: 10_000 })
      .toEqual([]);
  });

  test("starts from the image each time; volumes are shared by a workspace, and by no other", async () => {
    const volume = { type: "volume", name: "vol", target: "/data" };
    const one = { workspace: "1".repeat(32), mounts: [volume] };
    expect(await suite.shell("cat /data/f; echo more >> /data/f; echo x > /w/x", one)).toEqual(["seed\n", 0]);
    expect(await suite.shell("cat /data/f; ls /w", one)).toEqual(["seed\nmore\n", 0]);
    expect(await suite.shell("cat /data/f", { ...one, workspace: "2".repeat(32) })).toEqual(["seed\n", 0]);
    const [text, code] = await suite.shell("echo x > /data/f", {
      ...one,
      mounts: [{ ...volume, readonly: true }],
    });
    expect([text, code]).toEqual([expect.stringContaining("Read-only"), 1]);
  });

  test("has a tmpfs and a read-only root", async () => {
    const wanted = { readonly: true, mounts: [{ type: "tmpfs", target: "/scratch" }] };
    const [text, code] = await suite.shell("echo x > /w/x; echo y > /scratch/y && cat /scratch/y", wanted);
    expect([text, code]).toEqual([expect.stringMatching(/Read-only file system\ny\n$/), 0]);
  });

  test("several run at the same time, and the next one waits until one ends", async () => {
    const clients = await Promise.all(
      [1, 2, 3].map(() => suite.start({ entrypoint: "sh", command: ["-c", "echo ready; sleep 1000"] })),
    );
    for (const client of clients) await client.see(/ready/);
    const fourth = await suite.start({ entrypoint: "echo", command: ["fourth"] });
    await fourth.receive("waiting");
    clients[0]?.close();
    expect(await fourth.exit()).toBe(0);
    for (const client of clients) client.close();
  });
});
