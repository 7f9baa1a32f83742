import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { send } from "../../helpers/send.ts";
import { TestedFront } from "./tested-front.ts";

const tested = new TestedFront();

describe("static text", () => {
  const page = "<p>text</p>".repeat(1000);
  const get = (
    path: string,
    headers: Record<string, string> = { "accept-encoding": "br, gzip" },
    method = "GET",
  ) => send(`${tested.url}${path}`, { headers, method });
  beforeEach(() => {
    tested.answer = (_, response) => {
      const type = "text/html; charset=utf-8";
      response.writeHead(200, { "content-type": type, "content-length": page.length, etag: '"e"' }).end(page);
    };
  });

  test("is compressed", async () => {
    const got = await get("/assets/a");
    const names = ["content-encoding", "content-length", "etag", "vary"];
    expect(names.map((name) => got.headers.get(name))).toEqual(["gzip", null, 'W/"e"', "accept-encoding"]);
    const bytes = Buffer.from(await got.arrayBuffer());
    expect(bytes.length).toBeLessThan(page.length / 10);
    expect(String(gunzipSync(bytes))).toBe(page);
  });

  test.each<[string, () => Promise<Response>]>([
    ["for a client that does not accept it", () => get("/", {})],
    ["for a client that rejects it", () => get("/", { "accept-encoding": "br, gzip;q=0" })],
    ["in the API, where it could reveal a secret", () => get("/v1/containers/a/ports/80/")],
    ["in an answer to HEAD", () => get("/", undefined, "HEAD")],
  ])("is not compressed %s", async (_, request) => {
    const got = await request();
    expect(got.headers.get("content-encoding")).toBeNull();
    expect(got.headers.get("content-length")).toBe(String(page.length));
  });

  test("is not compressed twice", async () => {
    tested.answer = (_, response) => {
      const headers = { "content-type": "text/css", "content-encoding": "br" };
      response.writeHead(200, headers).end("brotli");
    };
    expect(await (await get("/")).text()).toBe("brotli");
  });

  test("that ends early is incomplete for the client", async () => {
    tested.answer = (_, response) => {
      response.writeHead(200, { "content-type": "text/html", "content-length": 5000 }).write("a");
      setTimeout(() => response.destroy(), 50);
    };
    await expect(get("/").then((got) => got.arrayBuffer())).rejects.toThrow();
  });
});
