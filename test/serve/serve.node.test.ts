import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { freePort } from "../helpers/free-port.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { archive, member } from "../tar/archive.ts";
import { isRunning, ServeProcess } from "./serve-process.ts";

const folder = suiteFolder();
const started: ServeProcess[] = [];

function serve(env: Record<string, string>, script?: string): ServeProcess {
  const data = join(folder, `data-${started.length}`);
  const server = new ServeProcess({ VARVE_DATA: data, ...env }, script);
  started.push(server);
  return server;
}
afterAll(async () => {
  for (const server of started) if (server.child.exitCode === null) await server.stop();
});

const body = archive(
  member({ path: "Dockerfile" }, "FROM scratch\nCOPY a /a\n"),
  member({ path: "a" }, "contents"),
);

async function buildAt(url: string): Promise<Response> {
  return fetch(`${url}/v1/builds?t=kept`, { method: "POST", body });
}

describe("npm start", { timeout: 30_000 }, () => {
  test("reports in one line that it is ready, and prints nothing else", {
    retry: 1,
  }, async () => {
    const began = Date.now();
    const port = await freePort();
    const data = join(folder, `ready-${started.length}`);
    const server = serve({ PORT: String(port), VARVE_DATA: data });
    const url = await server.ready();
    // 3 s on an idle machine; other tests run beside this one.
    expect(Date.now() - began).toBeLessThan(20_000);
    expect((await buildAt(url)).status).toBe(200);
    const children = server.descendants;
    expect(children).not.toEqual([]);
    expect(await server.stop()).toBe(0);
    const line = /^varve is ready at (\S+) \(state in (\S+); RUN: (here|not here, .+)\)\n$/;
    expect(line.exec(server.stdout)?.slice(1, 3)).toEqual([`http://localhost:${port}`, data]);
    expect(server.stderr).toBe("");
    for (const pid of children) await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("prints nothing about misbehaving clients and servers", async () => {
    const server = serve({ PORT: "0" });
    const url = await server.ready();
    // An interrupted upload, a reader of events that disconnects, an unreachable registry, invalid requests.
    const leave = new AbortController();
    const upload = new ReadableStream({
      start: (controller) => controller.enqueue(body.slice(0, 600)),
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
      body,
      headers: { accept: "text/event-stream" },
    });
    await events.body?.cancel();
    const dead = `127.0.0.1:${await freePort()}`;
    for (const line of [
      `FROM ${dead}/img`,
      `FROM scratch\nADD http://${dead}/file /`,
      "FRMO scratch",
      "FROM nowhere.invalid/img",
    ]) {
      const Dockerfile = contextOf({ Dockerfile: line });
      expect([line, (await fetch(`${url}/v1/builds`, { method: "POST", body: Dockerfile })).status]).toEqual([
        line,
        400,
      ]);
    }
    expect((await fetch(`${url}/v2/nobody/manifests/x`)).status).toBe(404);
    expect(await server.stop("SIGINT")).toBe(0);
    expect(server.stderr).toBe("");
    expect(server.stdout.split("\n")).toHaveLength(2);
  });

  test("logs requests with VARVE_LOG=1, and accepts VARVE_METRICS_TOKEN for metrics", async () => {
    const token = "token-of-the-scraper";
    const server = serve({ PORT: "0", VARVE_LOG: "1", VARVE_METRICS_TOKEN: token });
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
    const server = serve({ PORT: "0" });
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

  test("does not share the data folder of another server, and names that server", async () => {
    const data = join(folder, "shared");
    const first = serve({ PORT: "0", VARVE_DATA: data });
    const url = await first.ready();
    const second = serve({ PORT: "0", VARVE_DATA: data });
    expect(await second.ended()).toBe(1);
    expect([second.stdout, second.stderr]).toEqual([
      "",
      `Cannot serve: the server at ${url} (process ${first.child.pid}) uses ${data}. Stop it, or set VARVE_DATA to another folder.\n`,
    ]);
    expect((await buildAt(url)).status).toBe(200);
    // A server that has ended or was killed does not block others.
    await first.crash();
    const third = serve({ PORT: "0", VARVE_DATA: data });
    expect((await fetch(`${await third.ready()}/v2/kept/manifests/latest`)).status).toBe(200);
    expect(await third.stop()).toBe(0);
    const fourth = serve({ PORT: "0", VARVE_DATA: data });
    await fourth.ready();
    expect(await fourth.stop()).toBe(0);
  });

  test("listens on loopback only", async () => {
    const url = new URL(await serve({ PORT: "0" }).ready());
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

  test("keeps its state", async () => {
    const settings = { PORT: "0", VARVE_DATA: join(folder, "kept") };
    const first = serve(settings);
    const before = await buildAt(await first.ready());
    const digest = before.headers.get("docker-content-digest");
    await first.stop();

    const second = serve(settings);
    const url = await second.ready();
    const manifest = await fetch(`${url}/v2/kept/manifests/latest`);
    expect(manifest.headers.get("docker-content-digest")).toBe(digest);
    const { layers } = (await manifest.json()) as { layers: { digest: string; size: number }[] };
    const blob = await fetch(`${url}/v2/kept/blobs/${layers[0]?.digest}`);
    expect([blob.status, blob.headers.get("content-length")]).toEqual([200, String(layers[0]?.size)]);
    await blob.body?.cancel();
    const again = await buildAt(url);
    expect(again.headers.get("docker-content-digest")).toBe(digest);
    const id = again.headers.get("varve-build");
    expect(id).toBe(before.headers.get("varve-build"));
    const { steps } = (await (await fetch(`${url}/v1/builds/${id}/explain`)).json()) as {
      steps: { status: string }[];
    };
    expect(steps.map(({ status }) => status)).toEqual(["hit"]);
  });
});

describe.concurrent("invalid settings", { timeout: 30_000 }, () => {
  test.each(["x", "-1", "65536", "80.5", "0x"])("PORT=%s", async (PORT) => {
    const server = serve({ PORT });
    expect(await server.ended()).toBe(2);
    expect(server.stderr).toBe(`Cannot serve at port "${PORT}": PORT is a number from 0 to 65535\n`);
    expect(server.stdout).toBe("");
  });

  test("a port in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const server = serve({ PORT: String(port) });
    expect(await server.ended()).toBe(1);
    expect(server.stderr).toBe(`Cannot serve at port ${port}: the port is in use; set PORT to another\n`);
    expect(server.stdout).toBe("");
    other.close();
  });

  test("a data folder that is a file", async () => {
    await writeFile(join(folder, "file"), "");
    const server = serve({ PORT: "0", VARVE_DATA: join(folder, "file") });
    expect(await server.ended()).toBe(1);
    expect(server.stderr).toMatch(/^Cannot serve at port 0: .*file.*\n$/);
  });

  test("a weak admin token, and invalid rules", async () => {
    for (const setting of [{ VARVE_ADMIN_TOKEN: "short" }, { VARVE_ACCESS: '{"publik": []}' }]) {
      const server = serve({ PORT: "0", ...setting });
      expect(await server.ended()).toBe(2);
      const [name] = Object.keys(setting);
      expect(server.stderr).toMatch(new RegExp(`^Cannot use the settings: ${name}.+$`, "m"));
      expect(server.stdout).toBe("");
    }
  });

  test.each(["VARVE_MIRRORS", "VARVE_REALMS"])("an invalid %s", async (name) => {
    for (const setting of ["docker.io", "[]", '{"docker.io":"127.0.0.1:5000"}']) {
      const server = serve({ PORT: "0", [name]: setting });
      expect(await server.ended()).toBe(2);
      expect(server.stderr).toMatch(new RegExp(`^Cannot use the setting ${name}: .+\\n$`));
    }
  });
});

test("npm run demo builds three times, explains the results, and exits", { timeout: 60_000 }, async () => {
  const demo = serve({}, "src/cli/demo/demo.ts");
  expect(await demo.ended()).toBe(0);
  expect(demo.stderr).toBe("");
  const [first = "", second = "", third = ""] = demo.stdout
    .split(/First build|Second build|Third build/)
    .slice(1);
  expect(first).toMatch(/DONE \d/);
  expect(first).toContain('"schemaVersion": 2');
  expect(first).toMatch(/docker pull localhost:\d+\/hello/);
  expect(second).toContain("CACHED");
  expect(second).not.toMatch(/COPY.*\n#\d+ DONE/);
  expect(third).toContain('"public/style.css" changed');
  expect(demo.stdout).toContain("naming to hello:latest done");
});
