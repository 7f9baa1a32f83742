import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runner } from "../../src/runner/runner.ts";
import { openTerminal } from "../helpers/terminal-client.ts";
import { ContainerSuite } from "./container-suite.ts";
import { unable } from "./workbench.ts";

// Terminals of containers: input, output, sizes, and who may open one.

const suite = new ContainerSuite();

suite.withRunner(() => {
  test("has a terminal with input, changes of size and Ctrl-C", async () => {
    const client = await suite.start({ entrypoint: "sh", command: [], size: { rows: 30, columns: 101 } });
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

  test("output waits for a client that does not acknowledge it", async () => {
    const client = await suite.start({ entrypoint: "yes", command: ["0123456789"] });
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

  test("all output of a container that ends at once is shown", async () => {
    for (let count = 0; count < 5; count++)
      expect(await suite.shell("echo 1; echo 2; exit 4")).toEqual(["1\n2\n", 4]);
  });

  test("reads a complete text that is longer than the buffer limit", async () => {
    const script = "stty raw -echo; echo ready; head -c 1500000 | wc -c; sleep 2";
    const client = await suite.start({ entrypoint: "sh", command: ["-c", script] });
    await client.see(/ready/);
    client.type("0123456789\r".repeat(150_000));
    await client.see(/1500000/);
    client.close();
  });

  test("a size that is set before the runtime runs stays", async () => {
    for (const rows of [41, 42, 43]) {
      const client = await suite.start({ entrypoint: "sh", command: ["-c", "sleep 1; stty size"] });
      await client.receive("started");
      client.send({ type: "resize", rows, columns: 77 });
      await client.see(new RegExp(`^${rows} 77`, "m"));
      client.close();
    }
  });

  test("rapid size changes are applied in order, and the last one stays", async () => {
    const client = await suite.start({ entrypoint: "sh", command: [] });
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
});

describe.skipIf(unable)("a terminal", () => {
  let runner: Runner;
  beforeAll(async () => {
    runner = await suite.startRunner("last");
  });
  afterAll(() => runner.close(true));

  const isOpened = (socket: WebSocket) =>
    new Promise<boolean>((resolve) => {
      socket.addEventListener("open", () => resolve(true));
      socket.addEventListener("error", () => resolve(false));
    });

  test("is opened only with its token, and only once", async () => {
    const answer = await suite.request({ entrypoint: "sleep", command: ["1000"] });
    const created = (await answer.json()) as { id: string; token: string };
    expect(await isOpened(openTerminal(suite.url, { ...created, token: "wrong" }))).toBe(false);
    const socket = openTerminal(suite.url, created);
    expect(await isOpened(socket)).toBe(true);
    expect(await isOpened(openTerminal(suite.url, created))).toBe(false);
    socket.close();
  });

  test("a client that sends more than may wait is disconnected", async () => {
    const wanted = { entrypoint: "sh", command: ["-c", "stty raw -echo; echo ready; sleep 1000"] };
    const created = await (await suite.request(wanted)).json();
    const socket = openTerminal(suite.url, created as { id: string; token: string });
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
    const client = await suite.start({ entrypoint: "sh", command: ["-c", "echo ready; sleep 1000"] });
    await client.see(/ready/);
    await runner.close(true);
    expect(await client.receive("failed")).toMatchObject({ type: "failed" });
    expect(existsSync(join(suite.folder, "last", "workspaces"))).toBe(false);
  });
});
