import { describe, expect, test } from "vitest";
import { type BuildList, buildRecord } from "../../schemas/build.ts";
import type { CheckResult } from "../../schemas/check.ts";
import type { ImageList } from "../../schemas/images.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { ask, build, builtBy, env, eventsOf, postBuild, problemIn, recordOf, storedKeys } from "./server.ts";

const hello = { Dockerfile: "FROM scratch\nCOPY hello /hello\n", hello: "hello" };

const files = (text: string) => ({ Dockerfile: "FROM scratch\nCOPY text /\n", text });

/** Compresses an archive, as `tar -c . | gzip` does. */
function compressed(bytes: Uint8Array<ArrayBuffer>): ReadableStream {
  return new Response(bytes).body?.pipeThrough(new CompressionStream("gzip")) as ReadableStream;
}

describe("POST /v1/builds", () => {
  test("returns the manifest, its type, digest and location, and the build's id", async () => {
    const answer = await postBuild(hello, { t: "answer:1" });
    expect(answer.status).toBe(200);
    const bytes = new Uint8Array(await answer.clone().arrayBuffer());
    const { digest, manifest, id } = await builtBy(answer);
    expect(answer.headers.get("content-type")).toBe("application/vnd.oci.image.manifest.v1+json");
    expect(answer.headers.get("location")).toBe(`/v2/answer/manifests/${digest}`);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(manifest.layers).toHaveLength(1);
    const stored = await ask(`/v2/answer/manifests/1`);
    expect(new Uint8Array(await stored.arrayBuffer())).toEqual(bytes);
  });

  test("returns an index for several platforms", async () => {
    const answer = await postBuild(hello, { t: "multi", platform: "linux/amd64,linux/arm64" });
    expect(answer.headers.get("content-type")).toBe("application/vnd.oci.image.index.v1+json");
    const { manifests } = await answer.json<{ manifests: { platform: object }[] }>();
    expect(manifests.map(({ platform }) => platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
    ]);
  });

  test("accepts a context with gzip, with any headers", async () => {
    const plain = await build(hello, { t: "gz" });
    const packed = await builtBy(
      await postBuild(compressed(contextOf(hello)), { t: "gz" }, { "content-type": "application/x-tar" }),
    );
    expect(packed).toEqual(plain);
  });

  test("accepts several names of an image", async () => {
    const answer = await ask("/v1/builds?t=names/a:1&t=names/b&t=registry.example.com/names/c:2", {
      method: "POST",
      body: contextOf(hello),
    });
    const { digest } = await builtBy(answer);
    const foreign = "names/c/manifests/2?ns=registry.example.com";
    for (const place of ["names/a/manifests/1", "names/b/manifests/latest", foreign]) {
      const found = await ask(`/v2/${place}`, { method: "HEAD" });
      expect([place, found.headers.get("docker-content-digest")]).toEqual([place, digest]);
    }
  });

  test("keeps the registry in a name, and never confuses it with a repository of the server", async () => {
    const own = await build(files("own"), { t: "kept/app:1" });
    const foreign = await build(files("foreign"), { t: "registry.example.com/kept/app:1" });
    const digestOf = async (path: string) =>
      (await ask(`/v2/kept/app/manifests/${path}`, { method: "HEAD" })).headers.get("docker-content-digest");
    expect(await digestOf("1")).toBe(own.digest);
    expect(await digestOf("1?ns=registry.example.com")).toBe(foreign.digest);
    const catalog = await (await ask("/v2/_catalog")).json<{ repositories: string[] }>();
    expect(catalog.repositories).toContain("kept/app");
    expect(catalog.repositories.filter((name) => name.includes("registry"))).toEqual([]);
    const record = await recordOf(foreign.id);
    expect(record.result).toMatchObject({
      repository: "registry.example.com/kept/app",
      tags: ["registry.example.com/kept/app:1"],
    });
    const list = await (await ask("/v1/images?name=registry.example.com/kept/app")).json<ImageList>();
    expect(list.images).toMatchObject([
      { name: "registry.example.com/kept/app", tag: "1", digest: foreign.digest },
    ]);
    // The server's own host name means this server.
    const named = await build(files("named"), { t: "localhost/kept/app:2" });
    expect(await digestOf("2")).toBe(named.digest);
  });

  test("accepts the options of the query", async () => {
    const { manifest, digest } = await build(
      {
        "app.dockerfile": "FROM scratch AS a\nARG V=0\nLABEL v=$V\nCOPY hello /\nFROM a AS b\nCOPY hello /b",
        hello: "hello",
      },
      {
        t: "options",
        dockerfile: "app.dockerfile",
        target: "a",
        buildargs: '{"V":"1"}',
        labels: '{"by":"test"}',
        platform: "linux/arm64",
        sourcedateepoch: "1000000000",
        compression: "zstd",
      },
    );
    expect(digest).not.toBe("");
    expect(manifest.layers).toMatchObject([{ mediaType: "application/vnd.oci.image.layer.v1.tar+zstd" }]);
    const config = await (await ask(`/v2/options/blobs/${manifest.config.digest}`)).json();
    expect(config).toMatchObject({
      architecture: "arm64",
      created: "2001-09-09T01:46:40Z",
      config: { Labels: { v: "1", by: "test" } },
    });
  });

  test("names the Dockerfile in warnings of COPY and ADD", async () => {
    const text = "FROM scratch\nCOPY passwd /etc/\nCOPY --chown=nobody f /\nADD --chown=:none f /g\n";
    const { id } = await build(
      { "app.dockerfile": text, passwd: "", f: "f" },
      { dockerfile: "app.dockerfile" },
    );
    const warnings = (await eventsOf(id)).filter(({ type }) => type === "warning");
    expect(warnings).toMatchObject([
      { rule: "unknown-user", file: "app.dockerfile", line: 3 },
      { rule: "unknown-group", file: "app.dockerfile", line: 4 },
    ]);
  });

  test("executes every step with nocache", async () => {
    await build(hello, { t: "nocache" });
    const { id } = await build(hello, { t: "nocache", nocache: "1" });
    expect((await eventsOf(id)).map(({ type }) => type)).toContain("step.done");
  });

  test("only lints with check", async () => {
    const answer = await postBuild({ Dockerfile: "from scratch\nCOPY missing /" }, { check: "1" });
    const { findings } = await answer.json<CheckResult>();
    expect(findings).toMatchObject([{ rule: "ConsistentInstructionCasing", line: 1 }]);
  });

  test("returns the location of the build with respond-async", async () => {
    const answer = await postBuild(hello, { t: "async" }, { prefer: "respond-async" });
    expect(answer.status).toBe(202);
    const record = buildRecord.parse(await answer.json());
    expect(answer.headers.get("location")).toBe(`/v1/builds/${record.id}`);
    await eventsOf(record.id);
    expect(await recordOf(record.id)).toMatchObject({ state: "done", tags: ["async"] });
  });

  test("reports early errors with a status instead of a stream", async () => {
    for (const accept of ["application/x-ndjson", "text/event-stream", "text/plain"]) {
      const answer = await postBuild({ Dockerfile: "FROM scratch\nCOPY nothing /" }, {}, { accept });
      expect((await problemIn(answer)).code).toBe("source-not-found");
    }
  });
});

describe("a form", () => {
  function form(parts: Record<string, string | Uint8Array<ArrayBuffer>>): FormData {
    const data = new FormData();
    for (const [name, value] of Object.entries(parts))
      data.set(name, typeof value === "string" ? value : new Blob([value]));
    return data;
  }
  const post = (body: FormData | string | null, headers: Record<string, string> = {}, query = "") =>
    ask(`/v1/builds${query}`, { method: "POST", body, headers });

  test("contains Dockerfile, context and options", async () => {
    const parts = {
      dockerfile: "FROM scratch\nARG V\nLABEL v=$V\nCOPY hello /",
      context: contextOf({ hello: "hello" }),
      options: '{"tags":["form:1"],"buildArgs":{"V":"2"}}',
    };
    const { manifest } = await builtBy(await post(form(parts)));
    expect(manifest.layers).toHaveLength(1);
    expect((await ask("/v2/form/manifests/1")).status).toBe(200);
  });

  test("needs no context", async () => {
    const { manifest } = await builtBy(await post(form({ dockerfile: "FROM scratch\nLABEL a=b" })));
    expect(manifest.layers).toEqual([]);
  });

  test("has options with lower precedence than the query", async () => {
    const parts = { dockerfile: "FROM scratch\nLABEL a=b", options: '{"tags":["form/body"]}' };
    await builtBy(await post(form(parts), {}, "?t=form/query"));
    expect((await ask("/v2/form/query/manifests/latest")).status).toBe(200);
    expect((await ask("/v2/form/body/manifests/latest")).status).toBe(404);
  });

  test.each([
    ["options that are not JSON", form({ options: "{" }), "invalid-json"],
    ["options that are no object", form({ options: "[1]" }), "invalid-request"],
    ["unknown options", form({ options: '{"colour":"red"}' }), "invalid-request"],
    ["options of a wrong type", form({ options: '{"tags":"a"}' }), "invalid-request"],
    ["a context that is no archive", form({ context: "not a tar" }), "context-invalid"],
  ])("is rejected for %s", async (_, body, code) => {
    expect(await problemIn(await post(body))).toMatchObject({ status: 400, code });
  });

  test("is rejected without a boundary, without an end, and with too many parts", async () => {
    const type = "multipart/form-data";
    const head = '--x\r\ncontent-disposition: form-data; name="dockerfile"\r\n\r\nFROM scratch';
    const refusals: [RequestInit["headers"], string][] = [
      [{ "content-type": type }, head],
      [{ "content-type": `${type}; boundary=x` }, head],
      [{ "content-type": `${type}; boundary=x` }, "--x\r\ncontent-type: text/plain\r\n\r\na\r\n--x--\r\n"],
      [
        { "content-type": `${type}; boundary=x` },
        `${'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\na\r\n'.repeat(65)}--x--\r\n`,
      ],
    ];
    for (const [headers, body] of refusals) {
      const problem = await problemIn(await post(body, headers as Record<string, string>));
      expect(problem).toMatchObject({ status: 400, code: "invalid-form" });
      expect(problem.detail).toMatch(
        /^Cannot read the multipart body: it|^Cannot read the multipart body: a part/,
      );
    }
  });
});

describe("a body of JSON", () => {
  const post = (body: unknown, query = "") =>
    ask(`/v1/builds${query}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json; charset=utf-8" },
    });

  test("refers to a stored context", async () => {
    await build(hello, { t: "json" });
    const { id } = await build(hello, { t: "json" });
    const contexts = (await storedKeys("contexts/")).map((key) => `sha256:${key.slice(-64)}`);
    const answers = await Promise.all(
      contexts.map((context) => post({ context, dockerfile: hello.Dockerfile }, "?t=json")),
    );
    const ids = answers.map((answer) => answer.headers.get("varve-build"));
    expect(ids).toContain(id);
  });

  test("needs no context", async () => {
    const { manifest } = await builtBy(await post({ dockerfile: "FROM scratch\nLABEL a=b" }));
    expect(manifest.layers).toEqual([]);
  });

  test.each([
    ["what is not JSON", "{", 400, "invalid-json"],
    ["what is no object", "[]", 400, "invalid-request"],
    ["a context that is no digest", { context: "../x" }, 400, "invalid-request"],
    ["a context that is not stored", { context: `sha256:${"0".repeat(64)}` }, 404, "context-unknown"],
    ["a Dockerfile that is no text", { dockerfile: 1 }, 400, "invalid-request"],
  ])("is rejected for %s", async (_, body, status, code) => {
    expect(await problemIn(await post(body))).toMatchObject({ status, code });
  });
});

describe("a request is rejected with a reason", () => {
  test("without a body", async () => {
    const problem = await problemIn(await ask("/v1/builds", { method: "POST" }));
    expect(problem).toMatchObject({
      status: 400,
      code: "body-missing",
      hint: expect.stringContaining("tar -c"),
    });
  });

  test.each([
    ["an unknown option", { colour: "red" }, /colour/],
    ["build arguments that are not JSON", { buildargs: "a=b" }, "buildargs: is not JSON"],
    ["build arguments that are no texts", { buildargs: '{"a":{}}' }, /buildargs/],
    ["labels in a list", { labels: '["a=b"]' }, /labels/],
    ["an unknown compression", { compression: "lzma" }, /compression/],
    ["a time that is no number", { sourcedateepoch: "today" }, /sourcedateepoch/],
    ["a negative time", { sourcedateepoch: "-1" }, /sourcedateepoch/],
    ["a switch that is neither on nor off", { nocache: "perhaps" }, /nocache/],
    ["too many platforms", { platform: Array(40).fill("linux/amd64").join(",") }, /platforms/],
  ])("%s", async (_, query, detail) => {
    const problem = await problemIn(await postBuild(hello, query as Record<string, string>));
    expect(problem).toMatchObject({ status: 400, code: "invalid-request" });
    expect(problem.detail).toMatch(detail);
  });

  test.each([
    "team/UPPER",
    "a b",
    "../escape",
    "a@sha256:0",
    "a:b:c",
    "-a",
    `${"a".repeat(300)}`,
    "a/../b",
    "%2e%2e/x",
    "a:..",
    "a\u0000b",
  ])("for the name %j", async (t) => {
    expect(await problemIn(await postBuild(hello, { t }))).toMatchObject({
      status: 400,
      code: "name-invalid",
    });
  });

  test.each(["linux/amd64/v1/x", "linux/", "a b/c"])("for the platform %j", async (platform) => {
    const problem = await problemIn(await postBuild(hello, { platform }));
    expect(problem).toMatchObject({ status: 400, code: "platform-invalid" });
  });
});

test("an uploaded archive is not stored as a context, and no route lists contexts", async () => {
  expect(await env.BUCKET.head("contexts/")).toBeNull();
  for (const path of ["/v1/contexts", "/v1", "/", "/v1/builds/x/y"]) {
    expect(await problemIn(await ask(path))).toMatchObject({ status: 404 });
  }
});

describe("GET /v1/builds", () => {
  /** Tags of one part of the list, and where the next begins. */
  async function part(query: string): Promise<{ tags: string[]; next: string | undefined }> {
    const { builds, next } = await (await ask(`/v1/builds?${query}`)).json<BuildList>();
    return { tags: builds.map(({ tags: [tag = ""] }) => tag), next };
  }

  test("lists builds, newest first, in pages", async () => {
    for (const name of ["one", "two", "three"]) {
      await build(files(name), { t: `pages/${name}:1` });
      // The order of builds of one millisecond is that of their ids.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const all = (await part("")).tags;
    expect(all.slice(0, 3).map((tag) => tag.slice(tag.indexOf("pages/")))).toEqual([
      "pages/three:1",
      "pages/two:1",
      "pages/one:1",
    ]);
    const listed: string[] = [];
    let next: string | undefined;
    do {
      const page = await part(`n=2${next === undefined ? "" : `&last=${encodeURIComponent(next)}`}`);
      expect(page.tags.length).toBeLessThanOrEqual(2);
      listed.push(...page.tags);
      next = page.next;
    } while (next !== undefined);
    expect(listed.slice(0, all.length)).toEqual(all);
  });

  test.each(["n=0", "n=51", "n=x", "last=..%2Ftags", "last=1"])("rejects %s", async (query) => {
    expect((await ask(`/v1/builds?${query}`)).status).toBe(400);
  });
});
