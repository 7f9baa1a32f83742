import { describe, expect, test } from "vitest";
import type { ContextPaths } from "../../schemas/contexts.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { type ContextFiles, contextOf } from "../helpers/context-archive.ts";
import { layerFiles } from "../helpers/layer-files.ts";
import { ask, build, builtBy, env, postBuild, problemIn, storedKeys } from "./server.ts";

/** Bytes that do not compress. */
function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const noise = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
  return noise;
}

const dockerfile = "FROM scratch\nCOPY src /\n";

async function packedBytes(): Promise<number> {
  let bytes = 0;
  for (const key of await storedKeys("packs/")) bytes += (await env.BUCKET.head(key))?.size ?? 0;
  return bytes;
}

/** Bytes of packs that a build adds. */
async function added(files: ContextFiles, query: Record<string, string>): Promise<number> {
  const before = await packedBytes();
  await build(files, query);
  return (await packedBytes()) - before;
}

describe("an archive", () => {
  test("is stored only where steps read it", async () => {
    const files = { Dockerfile: dockerfile, data: noise(34_000_000), "src/a": noise(50_000) };
    const bytes = await added(files, { t: "selected" });
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(100_000);
  });

  test("is stored without many files that the ignore file excludes", async () => {
    const files = {
      ".dockerignore": "data\n",
      ".git/objects": noise(50_000),
      Dockerfile: "FROM scratch\nCOPY . /\n",
      data: noise(34_000_000),
    };
    expect(await added(files, { t: "selected/ignored" })).toBeLessThan(100_000);
  });

  test("gives the same build with and without files that no step reads", async () => {
    const files = { Dockerfile: dockerfile, "src/a": "a" };
    const first = await build(files, { t: "selected/same" });
    expect(await build({ ...files, other: "1" }, { t: "selected/same" })).toEqual(first);
    expect(await build({ other: "2", ...files }, { t: "selected/same" })).toEqual(first);
    expect((await build({ ...files, "src/a": "b" }, { t: "selected/same" })).id).not.toBe(first.id);
  });

  test.each<[string, ContextFiles]>([
    ["a link", { current: { link: "releases/5" }, "releases/5/app": "app", "releases/4/app": "old" }],
    ["a link behind its target", { "releases/5/app": "app", current: { link: "releases/5" } }],
  ])("can have %s on the path to a source", async (name, files) => {
    const t = `selected/${name.replaceAll(" ", "-")}`;
    const all = { Dockerfile: "FROM scratch\nCOPY current/app /app\n", ...files };
    expect((await builtBy(await postBuild(all, { t }))).manifest.layers).toHaveLength(1);
  });

  test("with many unread files and a link after its target is rejected, then stored completely when it is sent again", async () => {
    const files = {
      Dockerfile: "FROM scratch\nCOPY current /app\n",
      data: noise(31_000_000),
      "releases/5": noise(3_000_000),
      current: { link: "releases/5" },
    };
    const first = await postBuild(files, { t: "selected/order" });
    expect([first.status, (await problemIn(first)).code]).toEqual([409, "archive-order"]);
    const second = await builtBy(await postBuild(files, { t: "selected/order" }));
    expect(second.manifest.layers).toHaveLength(1);
  });

  test("can have another name for the Dockerfile", async () => {
    const files = {
      Dockerfile: "FROM scratch\nCOPY a b /\n",
      a: { hardlink: "Dockerfile" },
      b: { hardlink: "a" },
    };
    const { manifest } = await build(files, { t: "selected/hard-links" });
    expect(await layerFiles(env, manifest.layers[0]?.digest)).toMatchObject({ a: files.Dockerfile });
  });

  test("can have its ignore file after files that another one excludes", async () => {
    const files = {
      ".dockerignore": "*\n",
      Dockerfile: "FROM scratch\nCOPY . /\n",
      a: "a",
      "Dockerfile.dockerignore": "",
    };
    const { manifest } = await build(files, { t: "selected/own-ignore" });
    expect(Object.keys(await layerFiles(env, manifest.layers[0]?.digest)).sort()).toEqual([
      ".dockerignore",
      "Dockerfile",
      "Dockerfile.dockerignore",
      "a",
    ]);
  });

  test("can have the Dockerfile after its files, or in a form part", async () => {
    const first = await build({ "src/a": "a", Dockerfile: dockerfile }, { t: "selected/late" });
    const form = new FormData();
    form.append("dockerfile", dockerfile);
    form.append("context", new Blob([contextOf({ other: "x", "src/a": "a" })]));
    const answer = await ask("/v1/builds?t=selected/late", { method: "POST", body: form });
    expect(await builtBy(answer)).toEqual(first);
  });
});

describe("a client that selects paths", () => {
  const request = (body: { context?: string; selected?: ContextPaths; dockerfile?: string }) =>
    ask("/v1/builds?t=selected/paths", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dockerfile, ignore: "", ...body }),
    });

  test.each<[ContextPaths]>([[{ "": [] }], [{ "": ["other"] }], [{ "": null }], [{ "": ["src", "x"] }]])(
    "of %j receives the paths that the build reads",
    async (selected) => {
      const problem = await problemIn(await request({ selected }));
      expect(problem).toMatchObject({ status: 409, code: "context-incomplete", required: { "": ["src"] } });
    },
  );

  test("builds from them", async () => {
    const listing = `${[
      ["src", "dir", 493, 0, 0, 0, ""],
      ["src/a", "file", 420, 0, 0, 0, sha256("")],
    ]
      .map((line) => JSON.stringify(line))
      .join("\n")}\n`;
    const posted = await ask("/v1/contexts?scope=selected/paths", { method: "POST", body: listing });
    const { digest, missing } = await posted.json<{ digest: string; missing: string[] }>();
    expect(missing).toEqual([]);
    const answer = await request({ context: digest, selected: { "": ["src"] } });
    expect((await builtBy(answer)).manifest.layers).toHaveLength(1);
  });

  test("needs no context for a build that reads none", async () => {
    const answer = await request({ dockerfile: "FROM scratch\nWORKDIR /a\n", selected: { "": [] } });
    expect((await builtBy(answer)).manifest.layers).toHaveLength(1);
  });
});
