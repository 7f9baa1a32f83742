import { beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/streams/sha256.ts";
import { ask, type Built, build } from "./server.ts";

let built: Built;
let layer: string;

beforeAll(async () => {
  built = await build({ Dockerfile: "FROM scratch\nCOPY a /a\n", a: "contents" }, { t: "team/app:1" });
  layer = built.manifest.layers[0]?.digest ?? "";
  await build({ Dockerfile: "FROM scratch\nCOPY a /b\n", a: "others" }, { t: "other:1" });
});

/** Code of the error as the distribution specification has it. */
async function errorIn(response: Response): Promise<string> {
  const { errors } = await response.json<{ errors: { code: string; message: string }[] }>();
  expect(errors).toHaveLength(1);
  return `${response.status} ${errors[0]?.code}`;
}

test("/v2/ identifies a registry", async () => {
  for (const path of ["/v2/", "/v2"]) expect([path, (await ask(path)).status]).toEqual([path, 200]);
});

describe("manifests", () => {
  test.each(["1", "digest"])("are served by %s, to GET and HEAD", async (by) => {
    const reference = by === "digest" ? built.digest : by;
    const got = await ask(`/v2/team/app/manifests/${reference}`);
    const bytes = new Uint8Array(await got.arrayBuffer());
    expect(sha256(bytes)).toBe(built.digest);
    const head = await ask(`/v2/team/app/manifests/${reference}`, { method: "HEAD" });
    for (const answer of [got, head]) {
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-length": String(bytes.length),
        "content-type": "application/vnd.oci.image.manifest.v1+json",
        "docker-content-digest": built.digest,
      });
    }
    expect(await head.text()).toBe("");
  });

  test("that do not exist are answered with 404", async () => {
    const zeros = `sha256:${"0".repeat(64)}`;
    for (const path of ["team/app/manifests/2", `team/app/manifests/${zeros}`, "nobody/manifests/1"]) {
      expect(await errorIn(await ask(`/v2/${path}`))).toBe("404 MANIFEST_UNKNOWN");
    }
    // It exists in another repository.
    expect(await errorIn(await ask(`/v2/other/manifests/${built.digest}`))).toBe("404 MANIFEST_UNKNOWN");
  });
});

describe("blobs", () => {
  test("are served to GET and HEAD", async () => {
    const got = await ask(`/v2/team/app/blobs/${layer}`);
    const bytes = new Uint8Array(await got.arrayBuffer());
    expect(sha256(bytes)).toBe(layer);
    const head = await ask(`/v2/team/app/blobs/${layer}`, { method: "HEAD" });
    for (const answer of [got, head]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "accept-ranges": "bytes",
        "content-length": String(bytes.length),
        "docker-content-digest": layer,
      });
    }
    expect(await head.text()).toBe("");
  });

  test.each([
    ["bytes=0-9", 206, 0, 10],
    ["bytes=10-", 206, 10, undefined],
    ["bytes=-5", 206, -5, undefined],
    ["bytes=0-1000000", 206, 0, undefined],
    ["lines=1-2", 200, 0, undefined],
  ])("are served in part for %s", async (range, status, from, to) => {
    const all = new Uint8Array(await (await ask(`/v2/team/app/blobs/${layer}`)).arrayBuffer());
    const part = await ask(`/v2/team/app/blobs/${layer}`, { headers: { range } });
    expect(part.status).toBe(status);
    const wanted = all.slice(from, to);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(wanted);
    if (status === 206) {
      const first = from < 0 ? all.length + from : from;
      expect(part.headers.get("content-range")).toBe(
        `bytes ${first}-${first + wanted.length - 1}/${all.length}`,
      );
    }
  });

  test("have no part beyond their end", async () => {
    const answer = await ask(`/v2/team/app/blobs/${layer}`, { headers: { range: "bytes=1000000-" } });
    expect(answer.status).toBe(416);
    await answer.text();
  });

  test("of other repositories are not found", async () => {
    expect(await errorIn(await ask(`/v2/other/blobs/${layer}`))).toBe("404 BLOB_UNKNOWN");
    expect(await errorIn(await ask("/v2/other/blobs/sha256:zz"))).toMatch(
      /^4\d\d (DIGEST_INVALID|BLOB_UNKNOWN)$/,
    );
  });
});

test("tags are listed in pages", async () => {
  for (const tag of ["b", "a", "c"])
    await build({ Dockerfile: "FROM scratch\nLABEL a=b" }, { t: `tags:${tag}` });
  expect(await (await ask("/v2/tags/tags/list")).json()).toEqual({ name: "tags", tags: ["a", "b", "c"] });
  const page = await ask("/v2/tags/tags/list?n=2");
  expect(await page.json()).toEqual({ name: "tags", tags: ["a", "b"] });
  const [, next] = /<(.+)>; rel="next"/.exec(page.headers.get("link") ?? "") ?? [];
  expect(await (await ask(next ?? "")).json()).toEqual({ name: "tags", tags: ["c"] });
  expect(await errorIn(await ask("/v2/nobody/tags/list"))).toBe("404 NAME_UNKNOWN");
});

test.each([
  "/v2/%2e%2e/manifests/1",
  "/v2/a/../../manifests/1",
  "/v2/A/manifests/1",
  "/v2/a/manifests/..%2f",
  "/v2//manifests/1",
])("%s is not a route", async (path) => {
  const answer = await ask(path);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  await answer.text();
});
