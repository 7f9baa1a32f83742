import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import type { FrontBounds } from "../../../src/serve/front/front.ts";
import { send } from "../../helpers/send.ts";
import { TestedFront } from "./tested-front.ts";

const tested = new TestedFront();

/** Bounds under which tests do not wait. */
const soon: FrontBounds = {
  address: { waiting: 8, active: 4 },
  all: { waiting: 16, active: 8 },
  stall: 300,
  stallUnderLoad: 200,
  header: 300,
  idle: 5_000,
};

describe("clients that hold connections", () => {
  beforeEach(() => tested.start(soon));

  test("half-open are closed above a limit, and others are served", async () => {
    tested.answer = (_request, response) => response.end("ok");
    const answered = async () => {
      const began = Date.now();
      expect(await (await send(tested.url)).text()).toBe("ok");
      return Date.now() - began;
    };
    const idle = await answered();
    const held = Array.from({ length: 40 }, () => tested.open());
    for (const socket of held) socket.write("GET / HTTP/1.1\r\nHo");
    // The machine may be busy with other tests.
    expect(await answered()).toBeLessThan(250 + 10 * idle);
    await expect
      .poll(() => held.filter(({ closed }) => !closed).length)
      .toBeLessThanOrEqual(soon.address.waiting);
    for (const socket of held) socket.destroy();
  });

  test("with an incomplete header receive an error", async () => {
    expect(await tested.raw("GET / HTTP/1.1\r\nHost: a\r\n")).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test("without sending anything are closed", async () => {
    expect(await tested.raw("")).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  });

  test("with a stalled body receive an error, and the request to the Worker is cancelled", async () => {
    const broken = new Promise<void>((resolve) => {
      tested.answer = (request) => void tested.bodyOf(request).once("close", resolve).resume();
    });
    expect(await tested.raw("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf")).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n/,
    );
    await broken;
  });

  test("with a small stalled body receive an error, without a request to the Worker", async () => {
    let isAsked = false;
    tested.answer = () => {
      isAsked = true;
    };
    expect(await tested.raw("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n/,
    );
    expect(isAsked).toBe(false);
  });

  test("with a slow body are served while it makes progress", async () => {
    tested.answer = async (request, response) => response.end(String(await buffer(tested.bodyOf(request))));
    const asked = request(tested.url, { method: "PUT" });
    for (let i = 0; i < 15; i++) {
      asked.write(String(i % 10));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    asked.end();
    const [got] = (await once(asked, "response")) as [IncomingMessage];
    expect(String(await buffer(got))).toBe("012345678901234");
  });

  test("are never stopped because the Worker is slow", async () => {
    tested.answer = async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      response.end(String((await buffer(tested.bodyOf(request))).length));
    };
    const body = new Uint8Array(5 << 20);
    expect(await (await send(tested.url, { method: "PUT", body })).text()).toBe(String(body.length));
  });

  test("with too many requests are rejected until some have ended", async () => {
    const waiting: ServerResponse[] = [];
    tested.answer = (_request, response) => void waiting.push(response);
    const asked = Array.from({ length: 4 }, () => send(tested.url));
    await expect.poll(() => waiting.length).toBe(4);
    const refused = await send(tested.url);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ code: "too-many-requests" });
    const other = send(tested.url, { from: "127.0.0.2" });
    await expect.poll(() => waiting.length).toBe(5);
    for (const response of waiting) response.end("ok");
    for (const one of [...asked, other]) expect(await (await one).text()).toBe("ok");
    tested.answer = (_request, response) => response.end("ok");
    await expect.poll(async () => (await send(tested.url)).status).toBe(200);
  });
});
