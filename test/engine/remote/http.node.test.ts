import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openContext } from "../../../src/context/store.ts";
import type { HttpSource } from "../../../src/engine/plan/step.ts";
import { download } from "../../../src/engine/remote/http.ts";
import { PackFiles } from "../../../src/engine/remote/pack-files.ts";
import type { RemoteAccess } from "../../../src/engine/remote/remote-access.ts";
import { checkedFetch } from "../../../src/network/checked-fetch.ts";
import { memoryCache } from "../../../src/store/memory-cache.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { collect } from "../../../src/streams/collect.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { type LoopbackServer, serveLoopback } from "../../helpers/loopback.ts";

const access: RemoteAccess = { fetch: checkedFetch({ allowLoopback: true }) };
const MODIFIED = "Fri, 14 Jul 2017 02:40:00 GMT";
const MODIFIED_TIME = 1_500_000_000;

/** Answers every request to the server. Receives the request headers. */
let answer: (response: ServerResponse, headers: Record<string, unknown>, path: string) => void;
let server: LoopbackServer;
let store = memoryStore();
let cache = memoryCache();

beforeAll(async () => {
  server = await serveLoopback((request, response) => answer(response, request.headers, request.url ?? ""));
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  store = memoryStore();
  cache = memoryCache();
  server.requests.length = 0;
});

const source = (path = "/file", more: Partial<HttpSource> = {}): HttpSource => ({
  kind: "http",
  url: server.origin + path,
  name: "file",
  unpack: false,
  ...more,
});
const get = (from: HttpSource, limit?: number, through = access) =>
  download(from, through, {
    files: new PackFiles(store),
    open: (digest) => openContext(store, digest),
    cache,
    ...(limit !== undefined && { limit }),
  });
const says = (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200) => {
  answer = (response) => response.writeHead(status, headers).end(body);
};

describe("download()", () => {
  test("gives a file owned by root with the server's time", async () => {
    says("content", { "last-modified": MODIFIED, "content-disposition": 'attachment; filename="other"' });
    const { tree, digest, size, unchanged } = await get(source("/x", { name: "a b é" }));
    expect([...tree.walk("")]).toMatchObject([
      {
        path: "a b é",
        type: "file",
        mode: 0o600,
        uid: 0,
        gid: 0,
        mtime: MODIFIED_TIME,
        size: 7,
        digest: sha256("content"),
      },
    ]);
    const node = tree.lookup("a b é");
    expect(node && new TextDecoder().decode(await collect(tree.read(node), 7))).toBe("content");
    expect({ digest, size, unchanged }).toEqual({ digest: sha256("content"), size: 7, unchanged: false });
  });

  test.each([undefined, "yesterday", "2017-07-14T02:40:00Z"])(
    "gives a file of 1970 when the server's time is %s",
    async (time) => {
      says("x", time === undefined ? {} : { "last-modified": time });
      expect((await get(source())).tree.lookup("file")?.mtime).toBe(0);
    },
  );

  test.each(["/a%2Fb%20c?x=1&y=%20", "/%C3%A9/%F0%9F%A6%80", "/"])("requests %s unchanged", async (path) => {
    says("x");
    await get(source(path));
    expect(server.requests).toEqual([`GET ${path}`]);
  });

  test("reads empty files and large ones", async () => {
    says("");
    expect((await get(source())).size).toBe(0);
    const large = new Uint8Array(9_000_000).map((_, i) => i * 31 + (i >> 12));
    says(large);
    const { tree, digest } = await get(source());
    const node = tree.lookup("file");
    expect(digest).toBe(sha256(large));
    expect(node && sha256(await collect(tree.read(node), large.length))).toBe(digest);
  });

  test("decodes a content encoding", async () => {
    says(gzipSync("plain text"), { "content-encoding": "gzip" });
    expect((await get(source())).digest).toBe(sha256("plain text"));
  });

  test("follows redirects and keeps the name of the source", async () => {
    answer = (response, _, path) => {
      if (path === "/moved") response.writeHead(302, { location: "/other-name" }).end("moved");
      else response.end("there");
    };
    const { tree } = await get(source("/moved"));
    expect(tree.lookup("file")?.digest).toBe(sha256("there"));
  });

  test.each([404, 403, 500, 304, 410])("rejects status %i", async (status) => {
    says("no", {}, status);
    await expect(get(source())).rejects.toMatchObject({
      name: "BuildError",
      code: "download-failed",
      message: `invalid response status ${status}`,
    });
  });

  test("rejects a redirect to a forbidden address", async () => {
    says("", { location: "http://169.254.169.254/latest" }, 302);
    await expect(get(source())).rejects.toMatchObject({ code: "download-failed" });
    await expect(get(source())).rejects.toThrow("not on the public network");
  });

  test("rejects an incomplete body", async () => {
    answer = (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    };
    await expect(get(source())).rejects.toMatchObject({ code: "download-failed" });
  });

  test("rejects a file that is too large, stated or not", async () => {
    says("x".repeat(100), { "content-length": "100" });
    await expect(get(source(), 99)).rejects.toThrow("it has more than 99 bytes");
    answer = (response) => {
      response.write("x".repeat(60));
      response.end("x".repeat(60));
    };
    await expect(get(source(), 99)).rejects.toThrow("it has more than 99 bytes");
    expect((await get(source(), 120)).size).toBe(120);
  });

  test("names the URL without credentials when there is no response", async () => {
    const url = "http://user:secret@127.0.0.1:1/file";
    const failed = await get(source("", { url })).catch((error) => error);
    expect(failed.message).toMatch(/^Cannot download http:\/\/xxxxx:xxxxx@127.0.0.1:1\/file: /);
    expect(failed.message).not.toContain("secret");
  });

  test("stops when it is aborted", async () => {
    answer = (response) => response.write("begin");
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(get(source(), undefined, { ...access, signal: controller.signal })).rejects.toThrow(
      "enough",
    );
  });

  test("sends the credentials of the URL", async () => {
    const seen: unknown[] = [];
    answer = (response, headers) => {
      seen.push(headers.authorization);
      response.end("x");
    };
    await get(source("", { url: server.origin.replace("//", "//me:pw@") }));
    await get(source(), undefined, { ...access, authorization: (url) => `Bearer ${url.pathname}` });
    expect(seen).toEqual([`Basic ${btoa("me:pw")}`, "Bearer /file"]);
  });
});

describe("a checksum", () => {
  test("is verified, of SHA-512 too", async () => {
    says("content1");
    await get(source("/a", { checksum: sha256("content1") }));
    const sha512 = Buffer.from(
      await crypto.subtle.digest("SHA-512", new TextEncoder().encode("content1")),
    ).toString("hex");
    await get(source("/b", { checksum: `sha512:${sha512}` }));
    await expect(get(source("/c", { checksum: sha256("other") }))).rejects.toThrow(
      `digest mismatch ${sha256("content1")}: ${sha256("other")}`,
    );
    const wrong = `sha512:${"0".repeat(128)}`;
    await expect(get(source("/d", { checksum: wrong }))).rejects.toThrow(
      `digest mismatch sha512:${sha512}: ${wrong}`,
    );
  });

  test("avoids the request when the URL had such a file", async () => {
    says("content", { etag: '"1"' });
    await get(source());
    expect(await get(source("/file", { checksum: sha256("content") }))).toMatchObject({ unchanged: true });
    expect(server.requests).toHaveLength(1);
  });

  test("is verified when the server says that nothing has changed", async () => {
    says("content", { etag: '"1"' });
    await get(source());
    says("", { etag: '"1"' }, 304);
    await expect(get(source("/file", { checksum: sha256("new") }))).rejects.toThrow("digest mismatch");
  });
});

describe("a file that was downloaded before", () => {
  /** Responds like a server that supports conditional requests. */
  const conditional = (body: string, validators: Record<string, string>) => {
    answer = (response, headers) => {
      const same =
        (validators.etag !== undefined && headers["if-none-match"] === validators.etag.replace("W/", "")) ||
        (validators["last-modified"] !== undefined &&
          headers["if-modified-since"] === validators["last-modified"]);
      response.writeHead(same ? 304 : 200, validators).end(same ? undefined : body);
    };
  };

  test.each<[string, Record<string, string>]>([
    ["an entity tag", { etag: '"abc"' }],
    ["a weak entity tag", { etag: 'W/"abc"' }],
    ["a time", { "last-modified": MODIFIED }],
  ])("is not downloaded again when %s says so", async (_, validators) => {
    conditional("one", validators);
    await get(source());
    const again = await get(source());
    expect(again).toMatchObject({ unchanged: true, digest: sha256("one"), size: 3 });
    const node = again.tree.lookup("file");
    expect(node && new TextDecoder().decode(await collect(again.tree.read(node), 3))).toBe("one");
  });

  test("is unchanged when a server ignores conditions but sends the same entity tag", async () => {
    says("x".repeat(1_000_000), { etag: '"same"' });
    await get(source());
    expect(await get(source())).toMatchObject({ unchanged: true });
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ["another entity tag", { etag: '"1"' }, { etag: '"2"' }],
    ["no entity tag any more", { etag: '"1"' }, {}],
    ["another time", { "last-modified": MODIFIED }, { "last-modified": "Fri, 14 Jul 2017 02:41:00 GMT" }],
    ["nothing at all", {}, {}],
  ])("is downloaded again for %s", async (_, before, after) => {
    conditional("one", before);
    await get(source());
    conditional("two", after);
    expect(await get(source())).toMatchObject({ unchanged: false, digest: sha256("two") });
  });

  test("is downloaded again to verify a checksum of SHA-512", async () => {
    conditional("one", { etag: '"1"' });
    await get(source());
    const sha512 = createHash("sha512").update("one").digest("hex");
    expect(await get(source("/file", { checksum: `sha512:${sha512}` }))).toMatchObject({
      digest: sha256("one"),
    });
    const wrong = `sha512:${"0".repeat(128)}`;
    await expect(get(source("/file", { checksum: wrong }))).rejects.toThrow(
      `digest mismatch sha512:${sha512}: ${wrong}`,
    );
  });

  test("is downloaded again when it was so new that a change in the same second was undetectable", async () => {
    const validators = { "last-modified": new Date().toUTCString() };
    conditional("one", validators);
    await get(source());
    conditional("two", validators);
    expect((await get(source())).digest).toBe(sha256("two"));
  });

  test("is downloaded again when the store has lost it", async () => {
    conditional("one", { etag: '"1"' });
    await get(source());
    store = memoryStore();
    expect(await get(source())).toMatchObject({ unchanged: false, digest: sha256("one") });
  });

  test("is downloaded again for another name and for other credentials", async () => {
    conditional("one", { etag: '"1"' });
    await get(source());
    expect(await get(source("/file", { name: "renamed" }))).toMatchObject({ unchanged: false });
    const other = { ...access, authorization: () => "Bearer other" };
    expect(await get(source("/file", { name: "renamed" }), undefined, other)).toMatchObject({
      unchanged: false,
    });
    expect(await get(source("/file", { name: "renamed", checksum: sha256("one") }))).toMatchObject({
      unchanged: true,
    });
  });
});
