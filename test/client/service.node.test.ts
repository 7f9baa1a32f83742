import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { Service, ServiceError, UnreachableError } from "../../src/client/service.ts";
import { AccessTokens } from "../../src/client/tokens.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { serveLoopback } from "../helpers/loopback.ts";

const digest = sha256("pack");
const problem = { type: "about:blank", title: "No", status: 400, code: "no", detail: "It is no" };

/** A server that gives these answers in order, and repeats the last one. */
function answering(...answers: [status: number, body: unknown][]) {
  let number = 0;
  return serveLoopback((request, response) => {
    const [status, body] = answers[Math.min(number++, answers.length - 1)] as [number, unknown];
    const type = status < 400 ? "application/json" : "application/problem+json";
    request
      .resume()
      .on("end", () => response.writeHead(status, { "content-type": type }).end(JSON.stringify(body)));
  });
}

test("a problem response is thrown", async () => {
  await using server = await answering([400, problem]);
  const error = await new Service(server.origin).postListing("a", new Uint8Array()).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ServiceError);
  expect(error.problem).toEqual(problem);
  expect(server.requests).toHaveLength(1);
});

test("temporary failures are retried", async () => {
  await using server = await answering([503, problem], [429, problem], [200, { digest, missing: [] }]);
  const service = new Service(server.origin, { retryAfter: 1 });
  expect(await service.postListing("team/app", Uint8Array.of(1))).toEqual({ digest, missing: [] });
  expect(server.requests).toEqual(Array(3).fill("POST /v1/contexts?scope=team%2Fapp"));
  expect(service.sentBytes).toBe(3);
});

test("the request for a new token is not repeated, because the server may have made one", async () => {
  await using server = await answering([502, problem]);
  const tokens = new AccessTokens(new Service(server.origin, { retryAfter: 1 }));
  await expect(tokens.create({ name: "ci", scopes: ["pull:a"] })).rejects.toThrow("It is no");
  expect(server.requests).toEqual(["POST /v1/tokens"]);
});

test("retries are limited", async () => {
  await using server = await answering([503, problem]);
  await expect(
    new Service(server.origin, { retryAfter: 1 }).putPack("a", digest, Uint8Array.of(1)),
  ).rejects.toThrow("It is no");
  expect(server.requests).toHaveLength(5);
});

test("a build request is retried after a temporary failure, because equal inputs are one build", async () => {
  await using server = await answering([503, problem]);
  const build = new Service(server.origin, { retryAfter: 1 }).build({ context: undefined, options: {} });
  await expect(build).rejects.toThrow("It is no");
  expect(server.requests).toEqual(Array(5).fill("POST /v1/builds?"));
});

test("an archive that is a stream is sent once", async () => {
  await using server = await answering([503, problem]);
  const context = new Blob(["tar"]).stream() as ReadableStream<Uint8Array>;
  const options = { tags: ["a", "b"], buildArgs: { A: "1" }, platforms: ["linux/arm64"], noCache: true };
  const build = new Service(server.origin, { retryAfter: 1 }).build({ context, options });
  await expect(build).rejects.toThrow("It is no");
  expect(server.requests).toEqual([
    "POST /v1/builds?t=a&t=b&buildargs=%7B%22A%22%3A%221%22%7D&platform=linux%2Farm64&nocache=true",
  ]);
});

test("the events of a build continue after a lost connection", async () => {
  const events = [1, 2, 3].map((seq) => ({
    seq,
    time: 0,
    type: seq === 3 ? "result" : "step.start",
    step: "a",
  }));
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  const seen: string[] = [];
  await using server = await serveLoopback((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers["last-event-id"] ?? ""}`);
    request.resume().on("end", () => {
      response.writeHead(200, { "varve-build": "id" });
      if (request.method === "POST") response.write(lines[0] as string, () => response.destroy());
      else if (seen.length === 2) response.end(lines[1]);
      else response.end(lines[2]);
    });
  });
  const build = await new Service(server.origin, { retryAfter: 1 }).build({
    context: undefined,
    options: {},
  });
  const got = [];
  for await (const { seq } of build.events) got.push(seq);
  expect(got).toEqual([1, 2, 3]);
  expect(seen).toEqual(["POST /v1/builds? ", "GET /v1/builds/id/events 1", "GET /v1/builds/id/events 2"]);
});

test("the events of a build continue when the server restarts slowly", async () => {
  let requests = 0;
  await using server = await serveLoopback((request, response) => {
    requests += 1;
    const isReady = requests === 1 || requests > 7;
    request.resume().on("end", () => {
      response.writeHead(isReady ? 200 : 503, { "varve-build": "id" });
      const event = { seq: requests, time: 0, type: requests === 1 ? "step.start" : "result", step: "a" };
      response.write(`${JSON.stringify(event)}\n`, () => response.destroy());
    });
  });
  const service = new Service(server.origin, { retryAfter: 1 });
  const { events } = await service.build({ context: undefined, options: {} });
  const types = [];
  for await (const { type } of events) types.push(type);
  expect(types).toEqual(["step.start", "result"]);
});

test("a client that waits before another attempt can be stopped", async () => {
  await using server = await answering([503, problem]);
  const stop = new AbortController();
  const service = new Service(server.origin, { retryAfter: 60_000, signal: stop.signal });
  const asked = service.ask("/v1/builds");
  asked.catch(() => {});
  while (server.requests.length === 0) await delay(5);
  await delay(50);
  stop.abort();
  await expect(asked).rejects.toThrow("aborted");
});

test("the token is sent to the server, and a redirect to another host is not followed", async () => {
  const elsewhere: unknown[] = [];
  await using other = await serveLoopback((request, response) => {
    elsewhere.push(request.headers);
    response.end("{}");
  });
  const shown: (string | undefined)[] = [];
  await using server = await serveLoopback((request, response) => {
    shown.push(request.headers.authorization);
    response.writeHead(307, { location: `${other.origin}/v1/x` }).end();
  });
  const service = new Service(server.origin, { authorization: "Bearer secret" });
  const error = await service.ask<object>("/v1/builds/x/explain").catch((thrown) => thrown);
  expect(error.problem).toMatchObject({ code: "moved", status: 307 });
  expect(error.message).toContain(other.origin);
  expect(error.message).not.toContain("secret");
  expect(shown).toEqual(["Bearer secret"]);
  expect(elsewhere).toEqual([]);
});

test("a missing pack is not an error", async () => {
  await using server = await answering([404, ""], [200, { digest }]);
  const service = new Service(server.origin);
  expect(await service.hasPack("a", digest)).toBe(false);
  expect(await service.hasPack("a", digest)).toBe(true);
});

test("an unreachable server is reported differently from an error response", async () => {
  const server = await serveLoopback(() => {});
  await server[Symbol.asyncDispose]();
  const service = new Service(server.origin, { retryAfter: 1 });
  const error = await service.ask<object>("/v1/builds/x/explain").catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error.message).toContain(`Cannot reach ${server.origin}: `);
});

test("a server that is not varve is recognised", async () => {
  await using server = await serveLoopback((_, response) => response.writeHead(404).end("<html>"));
  await expect(new Service(server.origin).ask<object>("/v1/builds/x/explain")).rejects.toThrow(
    "The server at this address is not a varve server: it answered with status 404: <html>",
  );
});

test("a proxy's rejection of a large body is reported with a hint", async () => {
  await using server = await serveLoopback((request, response) => {
    request.resume();
    response.writeHead(413, { "content-type": "text/html" }).end("<h1>413 Request Entity Too Large</h1>");
  });
  const error = await new Service(server.origin)
    .check(new Uint8Array(10), "Dockerfile")
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ServiceError);
  expect(error.problem).toMatchObject({
    code: "body-limit",
    status: 413,
    detail:
      "Cannot send the request: a proxy in front of the server rejects bodies of this size (status 413)",
    hint: expect.stringContaining("varve build <folder>"),
  });
});

test("an HTML response is recognised and not printed", async () => {
  const html = { "content-type": "text/html; charset=utf-8" };
  for (const [status, words] of [
    [502, "status 502"],
    [200, "a body that is not JSON"],
  ] as const) {
    await using server = await serveLoopback((_, response) =>
      response.writeHead(status, html).end("<!doctype html>"),
    );
    const error = await new Service(server.origin, { retryAfter: 1 })
      .ask<object>("/v1/builds/x/explain")
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.problem).toMatchObject({
      code: "no-problem",
      detail: `The server at this address is not a varve server: it answered with ${words}`,
    });
  }
});

test.each([200, 500])("an answer of status %i that ends in the middle is reported", async (status) => {
  await using server = await serveLoopback((_, response) => {
    response.writeHead(status, { "content-type": "application/json", "content-length": "500" });
    response.write('{"a":', () => response.destroy());
  });
  const error = await new Service(server.origin, { retryAfter: 1 })
    .ask<object>("/v1/builds")
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error.message).toBe(
    `Cannot read the answer of ${server.origin}: the connection ended in the middle of it`,
  );
});

test("a server without TLS is reported", async () => {
  await using server = await serveLoopback(() => {});
  const url = server.origin.replace("http:", "https:");
  await expect(new Service(url, { retryAfter: 1 }).ask<object>("/v1/builds/x/explain")).rejects.toThrow(
    `Cannot reach ${url}: it does not speak TLS; is it http://?`,
  );
});
