import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../cli/server.ts";
import { contextOf } from "../helpers/context-archive.ts";

// Responses that intermediate caches may store: files of the page under content-addressed names, and no errors.

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer({
    "index.html": "<title>page</title>",
    "assets/page-12345678.js": "1;",
    "manifest.json": "{}",
    _headers: readFileSync("src/playground/public/_headers"),
    ".assetsignore": readFileSync("src/playground/public/.assetsignore"),
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (path: string, request: RequestInit = {}) =>
  fetch(`${server.url}${path}`, { redirect: "manual", ...request });

test("files of the page are cached forever, and the page itself is revalidated", async () => {
  const file = await ask("/assets/page-12345678.js");
  expect([file.status, file.headers.get("cache-control")]).toEqual([
    200,
    "public, max-age=31536000, immutable",
  ]);
  const page = await ask("/");
  expect([page.status, page.headers.get("cache-control")]).toEqual([200, "no-cache"]);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
});

const nothing = `sha256:${"0".repeat(64)}`;

describe("errors are not cached", () => {
  test.each([
    ["/assets/page-00000000.js", 404],
    ["/assets/", 404],
    ["/assets/..%2fsecret", 404],
    ["/manifest.json", 404],
    ["/nothing", 404],
    ["/v1/nothing", 404],
    ["/v1/builds/nothing", 404],
    ["/v1/images/none/latest", 404],
    [`/v1/contexts/${nothing}?scope=a`, 404],
    ["/v2/none/manifests/latest", 404],
    [`/v2/none/manifests/${nothing}`, 404],
    [`/v2/none/blobs/${nothing}`, 404],
    ["/v2/none/tags/list", 404],
    ["/v1.44/images/none/json", 404],
    ["/v1.44/containers/json", 501],
  ])("%s: %i", async (path, status) => {
    // Docker's interface has HEAD for one path only.
    for (const method of path.startsWith("/v1.") ? ["GET"] : ["GET", "HEAD"]) {
      const answer = await ask(path, { method });
      expect(answer.headers.get("cache-control")).toMatch(/^no-store/);
      expect(answer.status).toBe(status);
    }
  });

  test("blobs are cached forever, but an unsatisfiable range is not", async () => {
    const body = contextOf({ Dockerfile: "FROM scratch\nCOPY . /\n" });
    const built = await ask("/v1/builds?t=kept", { method: "POST", body });
    const { config } = (await built.json()) as { config: { digest: string } };
    const blob = await ask(`/v2/kept/blobs/${config.digest}`);
    expect(blob.headers.get("cache-control")).toContain("immutable");
    const part = await ask(`/v2/kept/blobs/${config.digest}`, { headers: { range: "bytes=99999-" } });
    expect(part.status).toBe(416);
    expect(part.headers.get("cache-control")).toBe("no-store");
    expect((await ask("/v2/kept/manifests/latest")).headers.get("cache-control")).toContain("no-cache");
  });
});
