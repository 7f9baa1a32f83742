import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { freePort } from "../helpers/free-port.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { buildAt, context } from "./build-at.ts";
import { isRunning, ServeProcess } from "./serve-process.ts";

const folder = suiteFolder();
let started = 0;

function serve(env: Record<string, string> = {}): ServeProcess {
  return new ServeProcess({ VARVE_DATA: join(folder, `data-${started++}`), ...env });
}

describe("npm start", { timeout: 30_000 }, () => {
  test("reports in one line that it is ready, and prints nothing else", { retry: 1 }, async () => {
    const began = Date.now();
    const port = await freePort();
    using data = temporaryFolder();
    await using server = new ServeProcess({ PORT: String(port), VARVE_DATA: data.path });
    const url = await server.ready();
    // 3 s on an idle machine; other tests run beside this one.
    expect(Date.now() - began).toBeLessThan(20_000);
    expect((await buildAt(url)).status).toBe(200);
    const children = server.descendants;
    expect(children).not.toEqual([]);
    expect(await server.stop()).toBe(0);
    const line = /^varve is ready at (\S+) \(state in (\S+); RUN: (here|not here, .+)\)\n$/;
    expect(line.exec(server.stdout)?.slice(1, 3)).toEqual([`http://localhost:${port}`, data.path]);
    expect(server.stderr).toBe("");
    for (const pid of children) await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("prints nothing about misbehaving clients and servers", async () => {
    await using server = serve();
    const url = await server.ready();
    // An interrupted upload, a reader of events that disconnects, an unreachable registry, invalid requests.
    const leave = new AbortController();
    const upload = new ReadableStream({
      start: (controller) => controller.enqueue(context.slice(0, 600)),
    });
    const left = fetch(`${url}/v1/builds`, {
      method: "POST",
      body: upload,
      duplex: "half",
      signal: leave.signal,
    } as RequestInit);
    setTimeout(() => leave.abort(), 200);
    await expect(left).rejects.toThrow();
    const events = await fetch(`${url}/v1/builds`, {
      method: "POST",
      body: context,
      headers: { accept: "text/event-stream" },
    });
    await events.body?.cancel();
    const dead = `127.0.0.1:${await freePort()}`;
    const invalid = [
      `FROM ${dead}/img`,
      `FROM scratch\nADD http://${dead}/file /`,
      "FRMO scratch",
      "FROM nowhere.invalid/img",
    ];
    // At once, because each request to a registry that cannot be reached is tried again for seconds.
    const answers = invalid.map(async (Dockerfile) => {
      const answer = await fetch(`${url}/v1/builds`, { method: "POST", body: contextOf({ Dockerfile }) });
      return [Dockerfile, answer.status];
    });
    expect(await Promise.all(answers)).toEqual(invalid.map((Dockerfile) => [Dockerfile, 400]));
    expect((await fetch(`${url}/v2/nobody/manifests/x`)).status).toBe(404);
    expect(await server.stop("SIGINT")).toBe(0);
    expect(server.stderr).toBe("");
    expect(server.stdout.split("\n")).toHaveLength(2);
  });

  test("logs requests with VARVE_LOG=1, and accepts VARVE_METRICS_TOKEN for metrics", async () => {
    const token = "token-of-the-scraper";
    await using server = serve({ VARVE_LOG: "1", VARVE_METRICS_TOKEN: token });
    const url = `${await server.ready()}/metrics?secret=1`;
    const { status } = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(status).toBe(200);
    const logged = () => server.stdout.split("\n").find((line) => line.includes('"/metrics"')) ?? "{}";
    await expect
      .poll(() => JSON.parse(logged()))
      .toMatchObject({ event: "request", method: "GET", path: "/metrics", status: 200 });
    expect(await server.stop()).toBe(0);
  });

  test("continues after its runtime was killed", async () => {
    await using server = serve();
    const url = await server.ready();
    expect((await buildAt(url)).status).toBe(200);
    const runtime = server.descendants.find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0]?.endsWith("/workerd"),
    );
    process.kill(runtime as number, "SIGKILL");
    const answers: number[] = [];
    await expect
      .poll(async () => answers.push((await buildAt(url)).status) && answers.at(-1), { timeout: 20_000 })
      .toBe(200);
    // Until then, clients received Retry-After.
    expect(new Set(answers)).toEqual(new Set([503, 200]));
    expect(await server.stop()).toBe(0);
  });

  test("listens on loopback only", async () => {
    await using server = serve();
    const url = new URL(await server.ready());
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others) {
      const error = await new Promise((resolve) => {
        const socket = connect(Number(url.port), address);
        socket.once("error", resolve);
        socket.once("connect", () => resolve(undefined));
      });
      expect(error).toMatchObject({ code: "ECONNREFUSED" });
    }
  });
});
