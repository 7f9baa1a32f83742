import { readFileSync, statSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ListeningSocket, listeningSockets } from "./listening-sockets.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// Every program of the machine, and every RUN step with the host's network, can connect to its ports. The private ports
// must reject all requests without their secrets.

let server: RunningServer;
let sockets: ListeningSocket[];

beforeAll(async () => {
  server = await startServer();
  sockets = listeningSockets(pids());
});
afterAll(() => server[Symbol.asyncDispose]());

function pids(): number[] {
  return [server.process.child.pid as number, ...server.process.descendants];
}

type Place = { port: number } | { socketPath: string };

function ask(place: Place, method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const host = { host: `localhost:${server.port}` };
    const asked = request({ ...place, method, path, headers: { ...host, ...headers }, agent: false });
    asked.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.once("upgrade", (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.on("error", reject);
    asked.end(method === "POST" ? '{"name":"x","scopes":["admin:**"]}' : undefined);
  });
}

/** Statuses for a request that is not allowed. 400 and 500: the runtime could not parse it. */
const rejections = [400, 401, 403, 404, 500];

const disguises: Record<string, Record<string, string>> = {
  plain: {},
  "with the URL of this machine": { "mf-original-url": "http://localhost/v1/tokens" },
  "sent on to the Worker": { "mf-route-override": "varve" },
  "sent on to the Worker, from this machine": {
    "mf-route-override": "varve",
    "varve-front-peer": "127.0.0.1",
    "varve-front-secret": "guess",
  },
  "with a token": { authorization: "Bearer guess" },
  "with facts of Cloudflare": { "mf-cf-blob": '{"clientIp":"127.0.0.1"}' },
  "with a secret of miniflare": { "mf-proxy-shared-secret": "guess", "mf-loopback-secret": "guess" },
  "with an operation of miniflare": {
    "mf-op": "GET",
    "mf-op-target": "1",
    "mf-op-key": "ACCESS",
    "mf-op-secret": "00",
  },
  "as a WebSocket": { connection: "Upgrade", upgrade: "websocket", "sec-websocket-protocol": "varve.runner" },
};
const paths = [
  "/",
  "/healthz",
  "/index.html",
  "/v1/tokens",
  "/v1/runners",
  "/v2/_catalog",
  "/list?prefix=",
  "/objects?key=x",
  "/cdn-cgi/local/platform-proxy",
  "/cdn-cgi/local/scheduled",
  "/cdn-cgi/local/explorer",
  "/core/store-temp-file",
];

test("the public port is the requested one, and all other ports are reachable from this machine only", () => {
  const internet = sockets.filter((socket) => socket.kind !== "unix");
  for (const { address, kind } of internet) expect([kind, address]).toEqual(["tcp", "127.0.0.1"]);
  expect(internet.filter(({ port }) => port === server.port)).toHaveLength(1);
  expect(internet.length).toBeLessThanOrEqual(3);
});

test("the runtime is started without a debugger", () => {
  const commands = pids().map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0"));
  expect(commands.some(([program]) => program?.endsWith("/workerd"))).toBe(true);
  for (const args of commands) expect(args.filter((arg) => /debug|inspect/.test(arg))).toEqual([]);
});

test("sockets with a path are in a folder that only this user can enter", () => {
  const local = sockets.filter((socket) => socket.kind === "unix");
  expect(local).not.toEqual([]);
  for (const { path } of local) {
    expect(path).toMatch(/^\//);
    const { mode, uid } = statSync(dirname(path));
    expect([path, (mode & 0o777).toString(8), uid]).toEqual([path, "700", process.getuid?.()]);
  }
});

describe("no private socket answers without its secret", () => {
  test.each(Object.entries(disguises))("a request %s", async (_, headers) => {
    let count = 0;
    for (const place of privatePlaces()) {
      for (const method of ["GET", "POST"]) {
        for (const path of paths) {
          const status = await ask(place, method, path, headers).catch(() => "closed");
          if (status !== "closed")
            expect([place, method, path, rejections.includes(Number(status)), status]).toEqual([
              place,
              method,
              path,
              true,
              status,
            ]);
          count++;
        }
      }
    }
    expect(count).toBeGreaterThanOrEqual(4 * 2 * paths.length);
    const tokens = await fetch(`${server.url}/v1/tokens`);
    expect(await tokens.json()).toEqual({ tokens: [] });
  });

  test("bytes that are not HTTP", async () => {
    // The first bytes of a connection of Cap'n Proto's RPC: a call of the bootstrap interface.
    const bootstrap = Buffer.from(
      "000000000300000000000000010000000800000000000000000000000000000000",
      "hex",
    );
    for (const place of privatePlaces()) {
      const socket = "port" in place ? connect(place.port, "127.0.0.1") : connect(place.socketPath);
      const chunks: Buffer[] = [];
      socket.on("error", () => {}).on("data", (chunk) => chunks.push(chunk));
      socket.write(bootstrap);
      await new Promise((resolve) => {
        socket.once("close", resolve);
        setTimeout(resolve, 300);
      });
      socket.destroy();
      const got = Buffer.concat(chunks).toString("latin1");
      expect([place, got]).toEqual([place, expect.stringMatching(/^(?:HTTP\/1\.1 (?:400|501) |$)/)]);
    }
  });
});

function privatePlaces(): Place[] {
  return sockets.flatMap((socket): Place[] => {
    if (socket.kind === "unix") return [{ socketPath: socket.path.replace(/\/worker:0$/, "/live") }];
    return socket.port === server.port ? [] : [{ port: socket.port }];
  });
}
