import { beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../schemas/comparison.ts";
import type {
  Efficiency,
  FileEntry,
  FileList,
  ImageHistory,
  ImageInspection,
  ImageList,
  TagResult,
} from "../../schemas/images.ts";
import { ask, type Built, build, problemIn, textOf } from "./server.ts";

const name = "looked/at";
let first: Built;
let second: Built;

beforeAll(async () => {
  const files = {
    "app/main.js": "console.log(0)\n",
    "main.js": "console.log(1)\n",
    "app/readme": "read me\n",
    "app/link": { link: "/app/main.js" },
    Dockerfile:
      'FROM scratch\nLABEL v=1\nCOPY app /app\nCOPY main.js /app/main.js\nWORKDIR /work\nCMD ["/app/main.js"]\n',
  };
  first = await build(files, { t: `${name}:1` });
  second = await build(
    {
      ...files,
      "main.js": "console.log(22)\n",
      "app/new": "new\n",
      Dockerfile: `${files.Dockerfile}ENV A=b\n`,
    },
    { t: `${name}:2` },
  );
});

async function get<T>(path: string): Promise<T> {
  const answer = await ask(`/v1/images${path.startsWith("?") ? "" : "/"}${path}`);
  if (answer.status !== 200) throw new Error(await answer.text());
  return answer.json<T>();
}

const pathsOf = (list: FileList) => list.entries.map(({ path }) => path);

describe("inspect", () => {
  test("returns manifest, config, layers and history of a tag", async () => {
    const inspection = await get<ImageInspection>(`${name}/1`);
    expect(inspection.descriptor.digest).toBe(first.digest);
    expect(inspection.tags).toEqual(["1"]);
    expect(inspection.imageId).toBe(first.manifest.config.digest);
    expect(inspection.platform).toBe("linux/amd64");
    expect(inspection.config.Cmd).toEqual(["/app/main.js"]);
    expect(inspection.layers.map(({ digest }) => digest)).toEqual(
      first.manifest.layers.map(({ digest }) => digest),
    );
    expect(inspection.layers[0]).toMatchObject({ index: 0, createdBy: "COPY app /app # buildkit" });
    expect(inspection.history.map(({ empty }) => empty)).toEqual([true, false, false, false, true]);
    expect(inspection.history[1]?.layer?.digest).toBe(inspection.layers[0]?.digest);
    expect(inspection.manifests).toMatchObject([{ digest: first.digest, attestation: false }]);
  });

  test("accepts a digest, and returns 404 for a missing image", async () => {
    expect((await get<ImageInspection>(`${name}/${first.digest}`)).descriptor.digest).toBe(first.digest);
    const problem = await problemIn(await ask(`/v1/images/${name}/nowhere`));
    expect(problem).toMatchObject({ status: 404, code: "manifest-unknown" });
    const platform = await problemIn(await ask(`/v1/images/${name}/1?platform=what/is/this/one`));
    expect(platform).toMatchObject({ status: 400, code: "platform-invalid" });
  });

  test("returns one platform of an index", async () => {
    const index = await build(
      { a: "a", Dockerfile: "FROM scratch\nARG TARGETARCH\nCOPY a /a\nLABEL arch=$TARGETARCH\n" },
      { t: "looked/index", platform: "linux/amd64,linux/arm64" },
    );
    const inspection = await get<ImageInspection>("looked/index/latest?platform=linux/arm64");
    expect(inspection.descriptor.digest).toBe(index.digest);
    expect(inspection.manifests.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
    expect(inspection.manifest.digest).toBe(inspection.manifests[1]?.digest);
    expect(inspection.config.Labels).toEqual({ arch: "arm64" });
    const problem = await problemIn(await ask("/v1/images/looked/index/latest?platform=linux/s390x"));
    expect(problem).toMatchObject({ status: 404, code: "platform-unknown" });
  });
});

test("history names the step of each layer", async () => {
  const { history, digest } = await get<ImageHistory>(`${name}/1/history`);
  expect(digest).toBe(first.digest);
  expect(history.map(({ createdBy }) => createdBy)).toEqual([
    "LABEL v=1",
    "COPY app /app # buildkit",
    "COPY main.js /app/main.js # buildkit",
    "WORKDIR /work",
    'CMD ["/app/main.js"]',
  ]);
  expect(history[1]?.size).toBeGreaterThan(0);
});

describe("files", () => {
  test("lists a folder of the merged tree", async () => {
    const list = await get<FileList>(`${name}/1/files`);
    expect(pathsOf(list)).toEqual(["app", "work"]);
    const app = await get<FileList>(`${name}/1/files?path=/app/`);
    expect(pathsOf(app)).toEqual(["app/link", "app/main.js", "app/readme"]);
    expect(app.entries[1]).toMatchObject({ type: "file", layer: 1, size: 15, mode: 0o644 });
    expect(app.entries[0]).toMatchObject({ type: "symlink", linkname: "/app/main.js", layer: 0 });
    expect(app.next).toBeUndefined();
  });

  test("continues after a page", async () => {
    const page = await get<FileList>(`${name}/1/files?path=app&n=2`);
    expect(pathsOf(page)).toEqual(["app/link", "app/main.js"]);
    const rest = await get<FileList>(`${name}/1/files?path=app&n=2&last=${page.next}`);
    expect(pathsOf(rest)).toEqual(["app/readme"]);
    expect(rest.next).toBeUndefined();
  });

  test("shows the changes of one layer", async () => {
    const layer = await get<FileList>(`${name}/1/files?path=app&layer=1`);
    expect(layer.entry.change).toBe("same");
    expect(layer.entries).toMatchObject([{ path: "app/main.js", change: "changed", layer: 1 }]);
    const base = await get<FileList>(`${name}/1/files?layer=${first.manifest.layers[0]?.digest}`);
    expect(base.entries).toMatchObject([{ path: "app", change: "added" }]);
    const problem = await problemIn(await ask(`/v1/images/${name}/1/files?layer=9`));
    expect(problem).toMatchObject({ status: 404, code: "layer-unknown" });
  });

  test("streams all files, one per line", async () => {
    const answer = await ask(`/v1/images/${name}/1/files?recursive=1`);
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    const entries = (await textOf(answer))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as FileEntry);
    expect(entries.map(({ path }) => path)).toEqual(["app", "app/link", "app/main.js", "app/readme", "work"]);
  });

  test("finds a text in paths", async () => {
    expect(pathsOf(await get<FileList>(`${name}/1/files?search=MAIN`))).toEqual(["app/main.js"]);
  });

  test("returns the bytes of a file or a range of them, and follows links", async () => {
    const whole = await ask(`/v1/images/${name}/1/files?path=app/link&content=1`);
    expect(whole.headers.get("content-type")).toBe("application/octet-stream");
    expect(whole.headers.get("content-length")).toBe("15");
    expect(await textOf(whole)).toBe("console.log(1)\n");
    const part = await ask(`/v1/images/${name}/1/files?path=app/main.js`, {
      headers: { accept: "application/octet-stream", range: "bytes=8-10" },
    });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe("bytes 8-10/15");
    expect(await textOf(part)).toBe("log");
    const beyond = await ask(`/v1/images/${name}/1/files?path=app/main.js&content=1`, {
      headers: { range: "bytes=15-" },
    });
    expect(beyond.status).toBe(416);
    const folder = await problemIn(await ask(`/v1/images/${name}/1/files?path=app&content=1`));
    expect(folder).toMatchObject({ status: 400, code: "not-a-file" });
    const nothing = await problemIn(await ask(`/v1/images/${name}/1/files?path=app/none`));
    expect(nothing).toMatchObject({ status: 404, code: "file-unknown" });
  });
});

test("efficiency counts duplicate files", async () => {
  const efficiency = await get<Efficiency>(`${name}/1/efficiency`);
  expect(efficiency.files).toEqual([{ path: "app/main.js", count: 2, bytes: 30 }]);
  expect(efficiency.wastedBytes).toBe(30);
  expect(efficiency.layers.map(({ contribution }) => contribution)).toEqual([23, 0, 0]);
  expect(efficiency.score).toBeGreaterThan(0);
  expect(efficiency.score).toBeLessThan(1);
});

test("compare shows the changes of another image", async () => {
  const comparison = await get<Comparison>(`${name}/1/compare/2`);
  expect(comparison.before.digest).toBe(first.digest);
  expect(comparison.after.digest).toBe(second.digest);
  expect(comparison.files.map(({ path, change }) => [path, change])).toEqual([
    ["app/main.js", "changed"],
    ["app/new", "added"],
  ]);
  expect(comparison.counts.added).toEqual({ files: 1, bytes: 4 });
  expect(comparison.config).toEqual([{ field: "Env.A", after: "b" }]);
  expect(comparison.layers.shared).toHaveLength(1);
  expect(comparison.layers.added).toHaveLength(2);
});

describe("tags", () => {
  test("are copied to other repositories, indexes included, and removed", async () => {
    const tagged = await ask(`/v1/images/${name}/1/tags?t=other/place:x&t=${name}:stable`, {
      method: "POST",
    });
    expect(tagged.status).toBe(201);
    expect(await tagged.json<TagResult>()).toEqual({
      digest: first.digest,
      tags: ["other/place:x", `${name}:stable`],
    });
    const pulled = await ask("/v2/other/place/manifests/x");
    expect(pulled.headers.get("docker-content-digest")).toBe(first.digest);
    for (const { digest } of [...first.manifest.layers, first.manifest.config]) {
      expect((await ask(`/v2/other/place/blobs/${digest}`, { method: "HEAD" })).status).toBe(200);
    }
    const gone = await ask(`/v1/images/other/place/x`, { method: "DELETE" });
    expect(await gone.json()).toEqual({ untagged: ["other/place:x"], deleted: [] });
    expect((await ask(`/v2/other/place/manifests/x`)).status).toBe(404);
    expect((await ask(`/v2/other/place/manifests/${first.digest}`)).status).toBe(200);
    const deleted = await ask(`/v1/images/other/place/${first.digest}`, { method: "DELETE" });
    expect(await deleted.json()).toEqual({ untagged: [], deleted: [first.digest] });
    expect((await ask(`/v2/other/place/manifests/${first.digest}`)).status).toBe(404);
  });

  test("require a name", async () => {
    const problem = await problemIn(await ask(`/v1/images/${name}/1/tags`, { method: "POST" }));
    expect(problem).toMatchObject({ status: 400, code: "name-missing" });
  });
});

describe("the list", () => {
  test("has every tag, in pages", async () => {
    const all = await get<ImageList>(`?name=${name}`);
    expect(all.images.map(({ tag }) => tag)).toEqual(["1", "2", "stable"]);
    expect(all.images[0]).toMatchObject({
      name,
      digest: first.digest,
      imageId: first.manifest.config.digest,
      platforms: ["linux/amd64"],
      created: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
    });
    const names: string[] = [];
    let last = "";
    for (;;) {
      const page = await get<ImageList>(`?n=2${last && `&last=${encodeURIComponent(last)}`}`);
      names.push(...page.images.map((image) => `${image.name}:${image.tag}`));
      if (page.next === undefined) break;
      last = page.next;
    }
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining([`${name}:1`, `${name}:2`, `${name}:stable`]));
  });

  test("has untagged manifests on request", async () => {
    await ask(`/v2/${name}/manifests/2`, { method: "DELETE" });
    const { images } = await get<ImageList>(`?name=${name}&untagged=1`);
    expect(images.map(({ tag, digest }) => [tag, digest])).toEqual([
      ["1", first.digest],
      ["stable", first.digest],
      [undefined, second.digest],
    ]);
  });
});
