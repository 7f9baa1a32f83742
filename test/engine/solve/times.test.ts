import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import type { World } from "../../../src/engine/world.ts";
import { openLayer, tocKey } from "../../../src/layers/toc.ts";
import { encodeImageConfig, type ImageConfig, parseImageConfig } from "../../../src/oci/config.ts";
import { blobKey, manifestKey } from "../../../src/oci/content-key.ts";
import { encodeManifest, parseManifest } from "../../../src/oci/manifest.ts";
import { OCI } from "../../../src/oci/media-types.ts";
import { StoreRegistry } from "../../../src/registry/store/store-registry.ts";
import { memoryCache } from "../../../src/store/memory-cache.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { singleChunk } from "../../../src/streams/single-chunk.ts";
import { encodeMember } from "../../../src/tar/write.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { MemoryRunner, type Process } from "../../helpers/memory-runner.ts";
import { buildMemory, memoryWorld, OWN_HOST } from "../../helpers/memory-world.ts";
import { dir, file, hardLink, nodeOf, type TreeEntry, tree } from "../../helpers/tree.ts";

type Files = Record<string, TreeEntry>;

interface Built {
  digest: string;
  config: ImageConfig;
  layers: string[];
  /** `path@seconds` of each entry, by layer. */
  times: string[][];
}

async function build(world: World, files: Files, query: Record<string, string> = {}): Promise<Built> {
  const context = await contextOf(world.store, files);
  const options = readOptions(new URLSearchParams({ t: "team/app:1", ...query }));
  const inputs = await readInputs({ context, dockerfile: undefined }, options);
  const prepared = await prepareBuild(await planBuild(inputs, world), world);
  const { result } = await runBuild(prepared, world, buildMemory(), () => {}, new AbortController().signal);
  const { digest } = result.descriptor;
  const manifest = parseManifest((await world.store.getBytes(manifestKey(digest))) as Uint8Array);
  const config = parseImageConfig(
    (await world.store.getBytes(blobKey(manifest.config.digest))) as Uint8Array,
  );
  const layers = manifest.layers.map((layer) => layer.digest);
  const opened = await Promise.all(layers.map((layer) => openLayer(world.store, layer)));
  const times = opened.map((layer) =>
    [...(layer?.tree.walk("") ?? [])].map(({ path, mtime }) => `${path}@${mtime}`),
  );
  return { digest, config, layers, times };
}

const NOW = 2_000_000_000;
const at = (seconds: number) => vi.setSystemTime(seconds * 1000);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  at(NOW);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("times of files", () => {
  const files = (mtime: number, more: Files = {}): Files => ({
    Dockerfile: "FROM scratch\nCOPY a b /app/\nCOPY <<x /here\nhi\nx\nWORKDIR /w\n",
    a: file("A", { mtime }),
    b: file("B", { mtime: mtime + 0.75 }),
    ...more,
  });

  test("are those of the sources in whole seconds; created entries have the time of the build", async () => {
    const { times, config } = await build(memoryWorld(), files(1000));
    expect(times).toEqual([[`app@${NOW}`, "app/a@1000", "app/b@1000"], [`here@${NOW}`], [`w@${NOW}`]]);
    expect(config.created).toBe("2033-05-18T03:33:20Z");
    expect(config.history.map(({ created }) => created)).toEqual(Array(3).fill(config.created));
  });

  test("before 1970 stay", async () => {
    expect((await build(memoryWorld(), files(-5.5))).times[0]).toEqual([
      `app@${NOW}`,
      "app/a@-6",
      "app/b@-5",
    ]);
  });

  test("of an image are kept, below FROM and in copies", async () => {
    const world = memoryWorld();
    const source = {
      Dockerfile: "FROM scratch\nCOPY d /d\n",
      d: dir({ mtime: 500 }),
      "d/a": file("A", { mtime: 1000 }),
    };
    const image = await build(world, source);
    at(NOW + 100);
    const reference = `${OWN_HOST}/team/app@${image.digest}`;
    const { layers, times, config } = await build(world, {
      Dockerfile: `FROM ${reference}\nCOPY --from=${reference} /d /copy\nCOPY --from=${reference} /d/a /\n`,
    });
    expect(layers[0]).toBe(image.layers[0]);
    expect(times).toEqual([["d@500", "d/a@1000"], ["copy@500", "copy/a@1000"], ["a@1000"]]);
    expect(config.created).toBe(new Date((NOW + 100) * 1000).toISOString().replace(".000", ""));
  });

  test("are equal with timestamps=fixed, on every server and at any time", async () => {
    const first = await build(memoryWorld(), files(1000), { timestamps: "fixed" });
    at(NOW + 9);
    expect(await build(memoryWorld(), files(2000), { timestamps: "fixed" })).toEqual(first);
    expect(new Set(first.times.flat().map((text) => text.split("@")[1]))).toEqual(new Set(["315532800"]));
    expect(first.config.created).toBe("1980-01-01T00:00:00Z");
  });

  test("are not those of an image with timestamps=fixed that the server has", async () => {
    const world = memoryWorld();
    await build(world, files(1000), { timestamps: "fixed" });
    expect((await build(world, files(1000))).times[0]).toEqual([`app@${NOW}`, "app/a@1000", "app/b@1000"]);
  });

  test("of SOURCE_DATE_EPOCH are those of the config and of WORKDIR alone", async () => {
    const { times, config } = await build(memoryWorld(), files(1000), { sourcedateepoch: "500" });
    expect(times).toEqual([[`app@${NOW}`, "app/a@1000", "app/b@1000"], [`here@${NOW}`], ["w@500"]]);
    expect(config.created).toBe("1970-01-01T00:08:20Z");
    expect(config.history.map(({ created }) => created)).toEqual(Array(3).fill(config.created));
  });

  test("are at most SOURCE_DATE_EPOCH with rewritetimestamp, on every server", async () => {
    const query = { buildargs: '{"SOURCE_DATE_EPOCH":"1500"}', rewritetimestamp: "1" };
    const first = await build(memoryWorld(), files(1000, { c: file("C", { mtime: 3000 }) }), query);
    expect(first.times).toEqual([["app@1500", "app/a@1000", "app/b@1000"], ["here@1500"], ["w@1500"]]);
    at(NOW + 9);
    const again = await build(memoryWorld(), files(1000, { c: file("C", { mtime: 4000 }) }), query);
    expect(again.digest).toBe(first.digest);
  });

  test("of layers that need no rewriting leave them as they are", async () => {
    const text = { Dockerfile: "FROM scratch\nCOPY a b /\n" };
    const world = memoryWorld();
    const plain = await build(world, files(1000, text));
    const query = { sourcedateepoch: "1500", rewritetimestamp: "1" };
    expect((await build(world, files(1000, text), query)).layers).toEqual(plain.layers);
  });

  test("rewritetimestamp has no effect without SOURCE_DATE_EPOCH", async () => {
    const world = memoryWorld();
    const plain = await build(world, files(1000));
    expect(await build(world, files(1000), { rewritetimestamp: "1" })).toEqual(plain);
  });
});

describe("the first result", () => {
  test("has the history of its own base, not that of another base with equal layers", async () => {
    const world = memoryWorld();
    const base = await build(world, { Dockerfile: "FROM scratch\nCOPY a /\n", a: "A" }, { t: "team/base:1" });
    const forged = structuredClone(base.config);
    for (const entry of [forged, ...forged.history]) entry.created = "1999-01-01T00:00:00Z";
    const registry = new StoreRegistry(world.store);
    const manifest = parseManifest((await world.store.getBytes(manifestKey(base.digest))) as Uint8Array);
    const config = encodeImageConfig(forged);
    const blob = { digest: sha256(config), size: config.length };
    await registry.pushBlob("evil/base", blob, async () => singleChunk(config));
    await registry.linkBlobs("evil/base", base.layers);
    const bytes = encodeManifest({ ...manifest, config: { ...manifest.config, ...blob } });
    await registry.pushManifest("evil/base", { bytes, mediaType: OCI.manifest }, ["1"]);
    const on = (name: string) =>
      build(
        world,
        { Dockerfile: `FROM ${OWN_HOST}/${name}/base:1\nCOPY b /\n`, b: "B" },
        { t: `${name}/app:1` },
      );
    expect((await on("evil")).config.history[0]?.created).toBe("1999-01-01T00:00:00Z");
    expect((await on("team")).config.history[0]).toEqual(base.config.history[0]);
  });

  const files = (mtime: number): Files => ({
    Dockerfile: "FROM scratch\nCOPY a /app/\nWORKDIR /w\nLABEL x=y\n",
    a: file("A", { mtime }),
  });

  test("is used for equal files with other times", async () => {
    const world = memoryWorld();
    const first = await build(world, files(1000));
    at(NOW + 100);
    expect(await build(world, files(2000))).toEqual(first);
  });

  test("is used when the build cache is empty", async () => {
    const world = memoryWorld();
    const first = await build(world, files(1000));
    at(NOW + 100);
    expect(await build({ ...world, cache: memoryCache() }, files(2000))).toEqual(first);
  });

  test("is used by concurrent builds without a common cache", async () => {
    const world = memoryWorld();
    const built = await Promise.all(
      [1000, 2000, 3000].map((mtime) => build({ ...world, cache: memoryCache() }, files(mtime))),
    );
    expect(new Set(built.map(({ digest }) => digest)).size).toBe(1);
  });

  test("is not used with nocache, whose result replaces it", async () => {
    const world = memoryWorld();
    const first = await build(world, files(1000));
    at(NOW + 100);
    const fresh = await build(world, files(2000), { nocache: "1" });
    expect(fresh.times).toEqual([[`app@${NOW + 100}`, "app/a@2000"], [`w@${NOW + 100}`]]);
    expect(fresh.digest).not.toBe(first.digest);
    expect((await build({ ...world, cache: memoryCache() }, files(3000))).digest).toBe(fresh.digest);
  });

  test("is replaced when its layer was deleted", async () => {
    const world = memoryWorld();
    const { layers } = await build(world, files(1000));
    await world.store.delete(...layers.flatMap((digest) => [blobKey(digest), tocKey(digest)]));
    at(NOW + 100);
    const second = await build(world, files(2000), { t: "other/app" });
    expect(second.times[0]).toEqual([`app@${NOW + 100}`, "app/a@2000"]);
  });
});

/** A process that writes files, at the time that it runs. */
const writing =
  (files: () => Files): Process =>
  async () =>
    tree(files());

describe("RUN", () => {
  const dockerfile = "FROM scratch\nCOPY a /\nRUN make\nUSER app\n";

  function worldWith(make: Process): World {
    const world = memoryWorld();
    return { ...world, runners: new MemoryRunner(world.store, make) };
  }

  test("makes a new result when it executes again, even if only times are different", async () => {
    const made = () => ({ made: file("same", { mtime: Date.now() / 1000 + 0.5 }) });
    const world = worldWith(writing(made));
    const first = await build(world, { Dockerfile: dockerfile, a: "A" });
    expect(first.times[1]).toEqual([`made@${NOW}`]);
    at(NOW + 100);
    expect(await build(world, { Dockerfile: dockerfile, a: "A" })).toEqual(first);
    const second = await build(world, { Dockerfile: dockerfile, a: "A" }, { nocache: "1" });
    expect(second.times[1]).toEqual([`made@${NOW + 100}`]);
    expect(second.config.created).toBe("2033-05-18T03:35:00Z");
  });

  test("of the same layers is the known image, although it was executed later", async () => {
    const world = worldWith(writing(() => ({ made: file("same", { mtime: 7 }) })));
    const text = "FROM scratch\nRUN make\nUSER app\n";
    const first = await build(world, { Dockerfile: text });
    at(NOW + 100);
    const second = await build(world, { Dockerfile: text }, { nocache: "1" });
    expect(second.layers).toEqual(first.layers);
    expect(second).toEqual(first);
  });
});

describe("the next version of a layer of the build context", () => {
  const text = "FROM scratch\nCOPY . /app\n";
  const ignore = { ".dockerignore": file("Dockerfile\n.dockerignore\n") };
  const files = (mtime: number, contents: Record<string, string>): Files => ({
    ".dockerignore": ignore[".dockerignore"],
    Dockerfile: text,
    ...Object.fromEntries(
      Object.entries(contents).map(([path, content]) => [path, file(content, { mtime })]),
    ),
  });

  test("keeps the times of unchanged files", async () => {
    const world = memoryWorld();
    await build(world, files(1000, { a: "A", b: "B" }));
    at(NOW + 100);
    const { times } = await build(world, files(2000, { a: "A", b: "B2" }));
    expect(times).toEqual([[`app@${NOW}`, "app/a@1000", "app/b@2000"]]);
    const third = await build(world, files(3000, { a: "A", b: "B2", c: "C" }));
    expect(third.times).toEqual([[`app@${NOW + 100}`, "app/a@1000", "app/b@2000", "app/c@3000"]]);
    const fourth = await build(world, files(4000, { a: "A", b: "B", c: "C" }));
    expect(fourth.times).toEqual([[`app@${NOW + 100}`, "app/a@1000", "app/b@4000", "app/c@3000"]]);
  });

  test("keeps the time of a file of which a name is new", async () => {
    const world = memoryWorld();
    await build(world, files(1000, { a: "A" }));
    const linked = { ...files(2000, { a: "A" }), z: hardLink("a", { mtime: 2000 }) };
    expect((await build(world, linked)).times).toEqual([[`app@${NOW}`, "app/a@1000", "app/z@1000"]]);
  });

  test("does not keep times with nocache, of another image, or with another mode", async () => {
    const world = memoryWorld();
    await build(world, files(1000, { a: "A", b: "B" }));
    const fresh = await build(world, files(2000, { a: "A", b: "B2" }), { nocache: "1" });
    expect(fresh.times[0]).toContain("app/a@2000");
    const other = await build(world, files(3000, { a: "A", b: "B3" }), { t: "other/app" });
    expect(other.times[0]).toContain("app/a@3000");
    const changed = files(4000, { b: "B4" });
    changed.a = file("A", { mtime: 4000, mode: 0o755 });
    expect((await build(world, changed)).times[0]).toContain("app/a@4000");
  });

  test("uses the new time of a Python source whose bytecode is new, because it contains that time", async () => {
    const world = memoryWorld();
    const bytecode = (text: string) => ({
      "m/__pycache__/x.cpython-313.pyc": text,
      "m/__pycache__/y.cpython-313.pyc": "y",
      "m/z.pyc": text,
    });
    const sources = { "m/x.py": "x", "m/y.py": "y", "m/z.py": "z" };
    await build(world, files(1000, { ...sources, ...bytecode("1000") }));
    const { times } = await build(world, files(2000, { ...sources, ...bytecode("2000") }));
    expect(times[0]).toEqual([
      `app@${NOW}`,
      expect.stringMatching(/^app\/m@/),
      expect.stringMatching(/^app\/m\/__pycache__@/),
      "app/m/__pycache__/x.cpython-313.pyc@2000",
      "app/m/__pycache__/y.cpython-313.pyc@1000",
      "app/m/x.py@2000",
      "app/m/y.py@1000",
      "app/m/z.py@2000",
      "app/m/z.pyc@2000",
    ]);
  });

  test("uses the times of files from a stage", async () => {
    const make: Process = async () =>
      tree({
        v: dir({ mtime: Date.now() / 1000 }),
        "v/x.py": file("x", { mtime: Date.now() / 1000 }),
        "v/x.pyc": file(String(Date.now()), { mtime: Date.now() / 1000 }),
      });
    const memory = memoryWorld();
    const world = { ...memory, runners: new MemoryRunner(memory.store, make) };
    const stages = (input: string) => ({
      Dockerfile: "FROM scratch AS s\nCOPY in /\nRUN make\nFROM scratch\nCOPY --from=s /v /v\n",
      in: input,
    });
    await build(world, stages("1"));
    at(NOW + 100);
    const { times } = await build(world, stages("2"));
    expect(times).toEqual([[`v@${NOW + 100}`, `v/x.py@${NOW + 100}`, `v/x.pyc@${NOW + 100}`]]);
  });

  test("uses the times in an archive", async () => {
    const world = memoryWorld();
    const archive = (mtime: number, b: string) => {
      const member = (path: string, content: string) => {
        const { contents: _, ...entry } = nodeOf(path, file(content, { mtime }));
        const padded = content.padEnd(512, "\0");
        return new TextDecoder().decode(encodeMember(entry)) + padded;
      };
      return member("a", "A") + member("b", b) + "\0".repeat(1024);
    };
    const unpack = (mtime: number, b: string) => ({
      Dockerfile: "FROM scratch\nADD in.tar /\n",
      "in.tar": archive(mtime, b),
    });
    await build(world, unpack(1000, "B"));
    expect((await build(world, unpack(2000, "B2"))).times).toEqual([["a@2000", "b@2000"]]);
  });

  test("keeps times when a runner writes it", async () => {
    const memory = memoryWorld();
    const world = { ...memory, runners: new MemoryRunner(memory.store, async () => tree({})) };
    const run = (mtime: number, b: string) => ({
      ...files(mtime, { a: "A", b }),
      Dockerfile: `${text}RUN true\n`,
    });
    await build(world, run(1000, "B"));
    expect((await build(world, run(2000, "B2"))).times[0]).toEqual([
      `app@${NOW}`,
      "app/a@1000",
      "app/b@2000",
    ]);
  });
});
