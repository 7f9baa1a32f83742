import { describe, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { ask, build, builtBy, postBuild, problemIn, storedKeys } from "./server.ts";

const hello = { Dockerfile: "FROM scratch\nCOPY hello /hello\n", hello: "hello" };

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
