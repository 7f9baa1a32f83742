import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { JobService } from "../../src/runner/server/job-service.ts";
import { collect } from "../../src/streams/collect.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { serveLoopback } from "../helpers/loopback.ts";

const layer = new TextEncoder().encode("the bytes of a layer");
const digest = sha256(layer);
const job = { id: "1", token: "secret" };

async function* read(offset: number): AsyncGenerator<Uint8Array> {
  yield layer.subarray(offset);
}

/**
 * Answers as `/v1/jobs/<id>/layers` does.
 * @param end answers the request that completes an upload
 * @param part answers the request that sends a part
 */
function serve(
  end: (uploads: number, response: ServerResponse) => void,
  part?: (request: IncomingMessage, response: ServerResponse) => void,
) {
  let uploads = 0;
  return serveLoopback(async (request: IncomingMessage, response) => {
    if (request.method === "PATCH" && part !== undefined) return part(request, response);
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    const json = (status: number, value: unknown) => response.writeHead(status).end(JSON.stringify(value));
    const path = request.url ?? "";
    if (request.method === "POST") json(201, { upload: `upload-${++uploads}` });
    else if (request.method === "PATCH") json(200, { size: bytes });
    else if (path.includes("/layers/")) end(uploads, response);
    else response.writeHead(204).end();
  });
}

const upload = (origin: string) =>
  new JobService(new URL(origin)).putLayer(
    job,
    { digest, size: layer.length, toc: new Uint8Array() },
    read,
    new AbortController().signal,
  );

test("a layer is uploaded again when the server has lost the upload", async () => {
  // The first one was stored, but the answer was lost: the server no longer has the upload.
  await using server = await serve((uploads, response) =>
    response.writeHead(uploads === 1 ? 404 : 204).end(),
  );
  await upload(server.origin);
  expect(server.requests).toEqual([
    "POST /v1/jobs/1/layers",
    "PATCH /v1/jobs/1/layers/upload-1?offset=0",
    `PUT /v1/jobs/1/layers/upload-1?digest=${digest}`,
    "POST /v1/jobs/1/layers",
    "PATCH /v1/jobs/1/layers/upload-2?offset=0",
    `PUT /v1/jobs/1/layers/upload-2?digest=${digest}`,
    `PUT /v1/jobs/1/tocs/${digest}`,
  ]);
});

test("a layer that the server never accepts is uploaded three times, and once if the right is missing", async () => {
  await using damaged = await serve((_, response) => response.writeHead(400).end());
  await expect(upload(damaged.origin)).rejects.toThrow("the server answered 400");
  expect(damaged.requests.filter((request) => request.startsWith("POST"))).toHaveLength(3);
  await using denied = await serve((_, response) => response.writeHead(403).end());
  await expect(upload(denied.origin)).rejects.toThrow("the server answered 403");
  expect(denied.requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
});

test("a download of a layer continues where the connection was lost", async () => {
  await using server = await serveLoopback((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = layer.subarray(from);
    response.writeHead(from === 0 ? 200 : 206, { "content-length": rest.length });
    // Each connection but the last one ends after at most eight bytes.
    if (rest.length > 8) response.write(rest.subarray(0, 8), () => response.destroy());
    else response.end(rest);
  });
  const service = new JobService(new URL(server.origin));
  const bytes = await service.blob(job, digest, new AbortController().signal);
  expect(await collect(bytes, 1000)).toEqual(layer);
  expect(server.headers.map(({ range }) => range)).toEqual([undefined, "bytes=8-", "bytes=16-"]);
});

test("the part of a layer that the server received before the connection was lost is not sent again", async () => {
  const received: number[] = [];
  let size = 0;
  await using server = await serve(
    (_, response) => response.writeHead(204).end(),
    (request, response) => {
      const isFirst = received.length === 0;
      let bytes = 0;
      request.on("data", (chunk: Buffer) => {
        bytes += isFirst ? 8 : chunk.length;
        if (isFirst) response.destroy();
      });
      request.on("close", () => {
        received.push(bytes);
        size += bytes;
        if (!isFirst) response.writeHead(200).end(JSON.stringify({ size }));
      });
    },
  );
  await upload(server.origin);
  expect(server.requests.filter((request) => request.startsWith("PATCH"))).toEqual([
    "PATCH /v1/jobs/1/layers/upload-1?offset=0",
    "PATCH /v1/jobs/1/layers/upload-1",
    "PATCH /v1/jobs/1/layers/upload-1?offset=8",
  ]);
  expect(received).toEqual([8, 0, layer.length - 8]);
});
