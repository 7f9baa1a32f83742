import type { Job } from "../../schemas/runner.ts";
import type { ToRunner } from "../../schemas/runner-messages.ts";
import { makePacks } from "../../src/client/make-packs.ts";
import { zstdFrame } from "../../src/compression/members.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type LoopbackServer, serveLoopback } from "../helpers/loopback.ts";
import { archive, member } from "../tar/archive.ts";

/** Names of stored objects, by the parameters of paths that name them. */
export type StoredThings = Record<string, string[]>;

/** Stored objects, and bodies that the server has accepted or sent, by the paths of routes that accept such bodies. */
export interface Stored {
  things: StoredThings;
  samples: Record<string, Uint8Array>;
}

const encoder = new TextEncoder();
const compress = async (data: Uint8Array) => zstdFrame(data, 1);

/** Stores at least one object of each kind. */
export async function storeThings(server: string, authorization: string): Promise<Stored> {
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(server + path, {
      ...init,
      headers: { authorization, ...init.headers },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const post = (path: string, body: RequestInit["body"], type: string) =>
    ask(path, { method: "POST", body: body ?? null, headers: { "content-type": type } });

  const dockerfile = "FROM scratch\nCOPY . /\nLABEL a=b\n";
  const context = archive(member({ path: "Dockerfile" }, dockerfile), member({ path: "a" }, "contents"));
  const built = await post("/v1/builds?t=team/app:1&t=team/app:2", context, "application/x-tar");
  const { config, layers } = (await built.json()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const manifest = built.headers.get("docker-content-digest") ?? "";
  const files = [
    { path: "b", digest: sha256("packed"), size: 6, read: () => encoder.encode("packed") },
  ] as const;
  let pack = "";
  let packed = new Uint8Array();
  for await (const { digest, bytes } of makePacks(files, compress)) {
    pack = digest;
    packed = bytes as Uint8Array<ArrayBuffer>;
    await ask(`/v1/packs/${digest}?scope=team/app`, {
      method: "PUT",
      body: bytes as Uint8Array<ArrayBuffer>,
    });
  }
  const lines = [{ packs: [pack] }, ["b", "file", 0o644, 0, 0, 6, sha256("packed"), {}]];
  const listing = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const posted = await post("/v1/contexts?scope=team/app", listing, "application/x-ndjson");
  const { digest } = (await posted.json()) as { digest: string };
  const token = await post("/v1/tokens", '{"scopes":["pull:*"]}', "application/json");
  const { id } = (await token.json()) as { id: string };
  const upload = await post("/v2/team/app/blobs/uploads/", null, "application/octet-stream");
  const read = async (path: string) => new Uint8Array(await (await ask(path)).arrayBuffer());
  const archived = await read("/v1/images/team/app/1/archive?format=docker");
  const samples = {
    "/v1/builds": context,
    "/v1/contexts": encoder.encode(listing),
    "/v1/images/load": archived,
    "/v1/jobs/{id}/diff": context,
    "/v1/jobs/{id}/caches/{key}/packs/{pack}": packed,
    "/v1/packs/{digest}": packed,
    "/v1.47/build": context,
    "/v1.47/images/load": archived,
    "/v2/{name}/manifests/{reference}": await read("/v2/team/app/manifests/1"),
  };
  const things = {
    id: [built.headers.get("varve-build") ?? "", id],
    name: ["team/app", "a/b/c"],
    reference: ["1", "2", manifest],
    other: ["2", "team/app/1", manifest],
    digest: [manifest, config.digest, ...layers.map((layer) => layer.digest), digest, pack],
    pack: [pack],
    upload: [upload.headers.get("docker-upload-uuid") ?? ""],
    image: ["team/app:1", manifest, config.digest],
    path: ["team/app/tags/list"],
    scope: ["team/app"],
  };
  return { things, samples };
}

/** A lease of the cache that a held job mounts. */
export async function leaseOf(server: string, { id, token }: Job, key: string): Promise<string> {
  const answer = await fetch(`${server}/v1/jobs/${id}/caches/${key}`, {
    method: "POST",
    body: '{"sharing":"shared"}',
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await answer.json()) as { lease: string }).lease;
}

/** A job that a runner has accepted and does not finish. */
export interface HeldJob {
  job: Job;
  socket: WebSocket;
}

/** Connects as a runner and waits for the job of a build that has a RUN step. */
export async function holdJob(server: string, authorization: string, runnerToken: string): Promise<HeldJob> {
  const url = `${server.replace(/^http/, "ws")}/v1/runners`;
  const socket = new WebSocket(url, ["varve.runner", `token.${runnerToken}`]);
  const job = new Promise<Job>((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => {
      if (data === "pong") return;
      const message = JSON.parse(String(data)) as ToRunner;
      if (message.type === "job") resolve(message.job);
    });
    socket.addEventListener("close", () => reject(new Error("The server closed the connection")));
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  socket.send(
    JSON.stringify({
      type: "hello",
      instance: crypto.randomUUID(),
      // No other runner may execute it.
      platforms: ["linux/riscv64"],
      capacity: 100,
      labels: {},
      allow: [],
    }),
  );
  // The server does not assign the job to another runner while pings arrive.
  setInterval(() => socket.readyState === WebSocket.OPEN && socket.send("ping"), 5000).unref();
  const dockerfile = `FROM --platform=linux/riscv64 scratch\nRUN --mount=type=cache,id=${crypto.randomUUID()},target=/c x\n`;
  const body = contextOf({ Dockerfile: dockerfile });
  // It ends with the server.
  fetch(`${server}/v1/builds?t=team/held&platform=linux/riscv64`, {
    method: "POST",
    body,
    headers: { authorization, "content-type": "application/x-tar" },
  }).catch(() => {});
  return { job: await job, socket };
}

/** A registry that has no image, so that no build reaches another one. */
export function emptyRegistry(): Promise<LoopbackServer> {
  return serveLoopback((_, response) => {
    response.writeHead(404, { "content-type": "application/json" });
    response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}');
  });
}
