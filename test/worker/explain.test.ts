import { describe, expect, test } from "vitest";
import { OCI } from "../../src/oci/media-types.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { fakeRegistry } from "../registry/fake-registry.ts";
import { testImage } from "../registry/test-image.ts";
import { serve } from "./network.ts";
import { build, explain, parseEvents, postBuild, textOf } from "./server.ts";

/** Builds two versions of an image, and returns the explanation of the second. */
async function second(
  name: string,
  first: [ContextFiles, Record<string, string>?],
  then: [ContextFiles, Record<string, string>?],
) {
  await build(first[0], { t: name, ...first[1] });
  const { id } = await build(then[0], { t: name, ...then[1] });
  return (await explain(id)).map(({ name: step, status, why, differences }) => {
    return { step, status, why, differences };
  });
}

const Dockerfile = "FROM scratch\nARG V=0\nCOPY src /src\nWORKDIR /w$V\n";

test("the first build of an image has nothing to compare with", async () => {
  const { id } = await build({ Dockerfile, "src/a": "first" }, { t: "first" });
  expect(await explain(id)).toMatchObject([
    {
      name: "[1/2] COPY src /src",
      status: "miss",
      why: "No earlier build of this image is known.",
      lines: { start: 3, end: 3 },
    },
    { name: "[2/2] WORKDIR /w0", status: "miss" },
  ]);
});

test("an unchanged build has only hits", async () => {
  const files = { Dockerfile, "src/a": "same" };
  expect(await second("same", [files], [files])).toMatchObject([
    { status: "hit", why: "The step and its inputs have not changed." },
    { status: "hit" },
  ]);
});

describe("files of the context", () => {
  const files = (more: ContextFiles) => ({ Dockerfile, "src/a": "a", "src/b": "b", ...more });

  test("a changed file is named, with its old and new digest", async () => {
    const [copy] = await second("file", [files({ "src/a": "x" })], [files({ "src/a": "y" })]);
    expect(copy).toMatchObject({
      status: "miss",
      why: '"src/a" changed.',
      differences: [
        {
          part: "file",
          name: "src/a",
          before: expect.stringMatching(/^file 0644 sha256:/),
          after: expect.stringMatching(/^file 0644 sha256:/),
        },
      ],
    });
  });

  test("added and removed files are named", async () => {
    const [copy] = await second("files", [files({ "src/old": "" })], [files({ "src/new": "" })]);
    expect(copy?.why).toBe('"src/new" was added, "src/old" was removed.');
  });

  test("of many changed files, the first ones are named and the rest is counted", async () => {
    const many = (text: string) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`src/f${String(i).padStart(3, "0")}`, text]));
    const [copy] = await second("many", [files(many("many"))], [files(many("more"))]);
    expect(copy?.why).toBe('"src/f000" changed, "src/f001" changed, "src/f002" changed and 297 more.');
    expect(copy?.differences).toHaveLength(100);
  });

  test("a changed file that is not copied, or is ignored, causes no miss", async () => {
    const ignored = { ".dockerignore": "src/tmp" };
    const steps = await second(
      "unrelated",
      [files({ README: "1", ...ignored, "src/tmp": "1" })],
      [files({ README: "2", ...ignored, "src/tmp": "2" })],
    );
    expect(steps.map(({ status }) => status)).toEqual(["hit", "hit"]);
  });

  test("a changed file makes the later steps miss too", async () => {
    const twoFiles = (text: string) => ({
      Dockerfile: "FROM scratch\nCOPY a /\nCOPY b /\n",
      a: text,
      b: "after",
    });
    const [copy, next] = await second("after", [twoFiles("after 1")], [twoFiles("after 2")]);
    expect(copy?.why).toBe('"a" changed.');
    expect(next).toMatchObject({ status: "miss", why: "The step before it, [1/2] COPY a /, changed." });
  });
});

test("a changed argument is named, with both values", async () => {
  const files = { Dockerfile, "src/a": "argument" };
  const [copy, workdir] = await second("argument", [files], [files, { buildargs: '{"V":"1"}' }]);
  expect(copy?.status).toBe("hit");
  expect(workdir).toMatchObject({
    status: "miss",
    why: 'The argument V changed from "0" to "1".',
    differences: [
      { part: "argument", name: "V", before: "0", after: "1" },
      { part: "instruction", before: "WORKDIR /w0", after: "WORKDIR /w1" },
    ],
  });
});

test("a changed variable is named, with both values", async () => {
  const files = (value: string) => ({ Dockerfile: `FROM scratch\nENV D=${value}\nWORKDIR $D\n` });
  const [workdir] = await second("environment", [files("/d1")], [files("/d2")]);
  expect(workdir?.why).toBe('The variable D changed from "/d1" to "/d2".');
});

test("an added instruction differs from a changed one", async () => {
  const before = { Dockerfile: "FROM scratch\nCOPY a /a\n", a: "instruction" };
  const after = { Dockerfile: "FROM scratch\nCOPY a /b\nCOPY a /c\n", a: "instruction" };
  const [first, then] = await second("instruction", [before], [after]);
  expect(first?.why).toMatch(/^The instruction changed from "COPY a \/a.*" to "COPY a \/b.*"\.$/);
  expect(then?.why).toBe("The step is new.");
});

test("a changed base image is named, with both digests", async () => {
  const files = { Dockerfile: "FROM localhost/explained-base\nWORKDIR /w\n" };
  const base = (text: string) =>
    build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: text }, { t: "explained-base" });
  const before = await base("base 1");
  await build(files, { t: "on-base" });
  const after = await base("base 2");
  const { id } = await build(files, { t: "on-base" });
  const workdir = (await explain(id)).find(({ name }) => name.includes("WORKDIR"));
  expect(workdir).toMatchObject({
    status: "miss",
    why: `The base image "localhost/explained-base:latest" changed from ${before.digest} to ${after.digest}.`,
  });
});

test("a stored base image is a hit", async () => {
  await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "stored" }, { t: "stored-base" });
  const { id } = await build({ Dockerfile: "FROM localhost/stored-base\nWORKDIR /w\n" }, { t: "on-stored" });
  const [from] = await explain(id);
  expect(from).toMatchObject({
    name: expect.stringContaining("FROM localhost/stored-base"),
    status: "hit",
    why: "All layers of the image are stored on the server.",
  });
});

test("a base image whose layers had to be fetched is a miss, and so is one that failed", async () => {
  const image = testImage(["a layer"]);
  let isGone = true;
  const layer = image.blobs.find(({ descriptor }) => descriptor.mediaType === OCI.layerGzip);
  const registry = fakeRegistry("base", "1", image, ({ url }) =>
    isGone && url.endsWith(layer?.descriptor.digest ?? "") ? new Response("", { status: 404 }) : undefined,
  );
  serve("https://explained.example.org", registry);
  const base = "FROM explained.example.org/base:1\n";
  const accept = "application/x-ndjson";
  const failed = await postBuild({ Dockerfile: `${base}WORKDIR /w\n` }, {}, { accept });
  expect(parseEvents(await textOf(failed)).at(-1)).toMatchObject({ problem: { code: "base-unavailable" } });
  const [from, workdir] = await explain(failed.headers.get("varve-build") ?? "");
  expect(from).toMatchObject({ status: "miss", why: "The step failed." });
  expect(workdir?.why).not.toBe("The step failed.");
  isGone = false;
  const { id } = await build({ Dockerfile: `${base}LABEL a=b\n` });
  expect((await explain(id))[0]).toMatchObject({
    status: "miss",
    why: "1 of 1 layers of the image were fetched from explained.example.org.",
  });
});

test("a COPY from a changed stage names the step that changed", async () => {
  const files = (a: string) => ({
    Dockerfile: "FROM scratch AS one\nCOPY a /a\nFROM scratch\nCOPY --from=one /a /b\n",
    a,
  });
  const steps = await second("stage", [files("stage 1")], [files("stage 2")]);
  expect(steps.at(-1)?.why).toBe('The files that it copies from "[one 1/1] COPY a /a" changed.');
});

test("a COPY of equal files from a changed stage is a hit", async () => {
  const files = (a: string) => ({
    Dockerfile: "FROM scratch AS one\nCOPY a /a\nCOPY b /b\nFROM scratch\nCOPY --from=one /b /c\n",
    a,
    b: "equal",
  });
  const steps = await second("content", [files("content 1")], [files("content 2")]);
  expect(steps.at(-1)).toMatchObject({ step: "[stage-1 1/1] COPY --from=one /b /c", status: "hit" });
});

test("a changed download is named by its URL", async () => {
  let contents = "download 1";
  serve("https://explained.example.com", () => new Response(contents));
  const files = { Dockerfile: "FROM scratch\nADD https://explained.example.com/file /\n" };
  await build(files, { t: "download" });
  contents = "download 2";
  const { id } = await build(files, { t: "download" });
  expect((await explain(id))[0]).toMatchObject({
    status: "miss",
    why: 'The contents of "https://explained.example.com/file" changed.',
  });
});

test("changed layer settings are named", async () => {
  const files = { Dockerfile, "src/a": "settings" };
  const [copy] = await second("settings", [files], [files, { compression: "zstd" }]);
  expect(copy?.why).toBe('The layer settings changed from "gzip preserve" to "zstd preserve".');
});

test("steps that nothing needs are neither hits nor misses", async () => {
  const files = (b: string) => ({
    Dockerfile: "FROM scratch AS one\nCOPY a /a\nFROM scratch\nCOPY --from=one /a /b\nCOPY b /c\n",
    a: "not needed",
    b,
  });
  const [stage, ...rest] = await second("needed", [files("1")], [files("2")]);
  expect(stage).toMatchObject({ step: "[one 1/1] COPY a /a", status: "not needed" });
  expect(rest.map(({ status }) => status)).toEqual(["hit", "miss"]);
});

test("a build without the build cache says so", async () => {
  const files = { Dockerfile, "src/a": "forgotten" };
  const [copy] = await second("forgotten", [files], [files, { nocache: "1" }]);
  expect(copy).toMatchObject({
    status: "miss",
    why: "The build cache was not used, as requested.",
    differences: [],
  });
});
