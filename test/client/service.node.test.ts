import { expect, test } from "vitest";
import { Service, ServiceError, UnreachableError } from "../../src/client/service.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { serveLoopback } from "../helpers/loopback.ts";

const digest = sha256("pack");
const problem = { type: "about:blank", title: "No", status: 400, code: "no", detail: "It is no" };

/** A server that gives these answers one after the other, and the last one ever after. */
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

test("a problem is thrown as it was answered", async () => {
  await using server = await answering([400, problem]);
  const error = await new Service(server.origin).postListing("a", new Uint8Array()).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ServiceError);
  expect(error.problem).toEqual(problem);
  expect(server.requests).toHaveLength(1);
});

test("what may pass is tried again", async () => {
  await using server = await answering([503, problem], [429, problem], [200, { digest, missing: [] }]);
  const service = new Service(server.origin, { retryAfter: 1 });
  expect(await service.postListing("team/app", Uint8Array.of(1))).toEqual({ digest, missing: [] });
  expect(server.requests).toEqual(Array(3).fill("POST /v1/contexts?scope=team%2Fapp"));
  expect(service.sentBytes).toBe(3);
});

test("not for ever", async () => {
  await using server = await answering([503, problem]);
  await expect(
    new Service(server.origin, { retryAfter: 1 }).putPack("a", digest, Uint8Array.of(1)),
  ).rejects.toThrow("It is no");
  expect(server.requests).toHaveLength(5);
});

test("a build is not begun twice", async () => {
  await using server = await answering([503, problem]);
  const build = new Service(server.origin, { retryAfter: 1 }).build({ context: undefined, options: {} });
  await expect(build).rejects.toThrow("It is no");
  expect(server.requests).toEqual(["POST /v1/builds?"]);
});

test("a pack that is not there is no error", async () => {
  await using server = await answering([404, ""], [200, { digest }]);
  const service = new Service(server.origin);
  expect(await service.hasPack("a", digest)).toBe(false);
  expect(await service.hasPack("a", digest)).toBe(true);
});

test("no server is another thing than an answer", async () => {
  const server = await serveLoopback(() => {});
  await server[Symbol.asyncDispose]();
  const service = new Service(server.origin, { retryAfter: 1 });
  const error = await service.explain("x").catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error.message).toContain(`Cannot reach ${server.origin}: `);
});

test("what is no varve is told apart", async () => {
  await using server = await serveLoopback((_, response) => response.writeHead(404).end("<html>"));
  await expect(new Service(server.origin).explain("x")).rejects.toThrow(
    "The server answered with status 404: <html>",
  );
});
