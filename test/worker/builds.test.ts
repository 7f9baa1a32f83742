import { describe, expect, test } from "vitest";
import { type BuildList, buildRecord } from "../../schemas/build.ts";
import type { CheckResult } from "../../schemas/check.ts";
import type { ImageList } from "../../schemas/images.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { ask, build, builtBy, env, eventsOf, postBuild, problemIn, recordOf } from "./server.ts";

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
