import { describe, expect, test } from "vitest";
import type { RunTask } from "../../schemas/runner.ts";
import { contextKey } from "../../src/context/store.ts";
import { decodeToc, encodeToc, scopedTocKey, tocKey } from "../../src/layers/toc.ts";
import { writeLayer } from "../../src/layers/write.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { layerFiles } from "../helpers/layer-files.ts";
import { nodeOf } from "../helpers/tree.ts";
import { member } from "../tar/archive.ts";
import { beside, cancel, endOf, manifestOf, start } from "./client-builds.ts";
import {
  FakeRunner,
  finishLayer,
  getLayer,
  getObject,
  type JobRef,
  putToc,
  type RunJob,
  sendLayer,
  startLayer,
} from "./fake-runner.ts";
import { ask, build, builtBy, env, eventsOf, postBuild, problemIn, storedKeys } from "./server.ts";

const written = [member({ path: "f" }, "hi\n")];
const codeOf = async (answer: Promise<Response>) => (await problemIn(await answer)).code;

/** A layer with one file, as a runner writes it. */
async function layerOf(path: string, text: string) {
  const bytes = new TextEncoder().encode(text);
  const entry = { node: nodeOf(path, text), read: () => bytes };
  const draft = await writeLayer([entry], { compression: "gzip", level: 4, spool: memoryStore() });
  const { digest, size, mediaType, diffId, written } = draft;
  const blob = concat(draft.sources.map((source) => source as Uint8Array));
  const info = { digest, size, mediaType, diffId, ...(written && { written }) };
  return { info, blob, lines: draft.entries.frames, toc: concat(encodeToc(info, draft.entries.frames)) };
}

async function startUpload(job: JobRef): Promise<string> {
  return (await (await startLayer(job)).json<{ upload: string }>()).upload;
}

describe("a job reads", () => {
  test("only the layers of its task", async () => {
    const base = await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "base" }, { t: "routes/base" });
    const other = await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "other" }, { t: "routes/other" });
    await using runner = await FakeRunner.dial();
    const started = await start({ Dockerfile: "FROM localhost/routes/base\nRUN reads layers\n" });
    const job = await runner.job();
    const [digest = ""] = base.manifest.layers.map((layer) => layer.digest);
    const layer = await getLayer(job, digest);
    expect(sha256(new Uint8Array(await layer.arrayBuffer()))).toBe(digest);
    for (const { digest: unknown } of [...other.manifest.layers, base.manifest.config]) {
      expect(await codeOf(getLayer(job, unknown))).toBe("object-unknown");
    }
    await cancel(started);
  });

  test("only the contexts of its task and their packs", async () => {
    await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "of another context" });
    const others = [...(await storedKeys("contexts/")), ...(await storedKeys("packs/"))];
    await using runner = await FakeRunner.dial();
    const started = await start({ Dockerfile: "FROM scratch\nRUN --mount=target=/m reads\n", m: "mounted" });
    const job = await runner.job();
    const own = [...(await storedKeys("contexts/")), ...(await storedKeys("packs/"))];
    const named = own.filter((key) => !others.includes(key));
    expect(named).toEqual([contextKey(contextOf(job)), expect.stringMatching(/^packs\//)]);
    for (const key of named) {
      const stored = await (await env.BUCKET.get(key))?.arrayBuffer();
      expect(await (await getObject(job, key)).arrayBuffer()).toEqual(stored);
    }
    for (const key of others) expect(await codeOf(getObject(job, key))).toBe("object-unknown");
    for (const key of ["packs/x", "tocs/x", "", "%2e%2e%2fx"]) {
      expect([key, (await getObject(job, key)).status]).toEqual([key, 404]);
    }
    await cancel(started);
  });

  test("ranges of objects", async () => {
    await using runner = await FakeRunner.dial();
    const started = await start({ Dockerfile: "FROM scratch\nRUN --mount=target=/m ranges\n", m: "0123" });
    const job = await runner.job();
    const key = contextKey(contextOf(job));
    const whole = new Uint8Array(await (await getObject(job, key)).arrayBuffer());
    for (const [range, expected] of [
      ["bytes=0-0", whole.subarray(0, 1)],
      ["bytes=3-9", whole.subarray(3, 10)],
      ["bytes=5-", whole.subarray(5)],
      ["bytes=5-999999999", whole.subarray(5)],
    ] as const) {
      const answer = await getObject(job, key, { range });
      expect([range, answer.status, answer.headers.get("content-length")]).toEqual([
        range,
        206,
        `${expected.length}`,
      ]);
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(expected);
    }
    for (const range of [`bytes=${whole.length}-`, "bytes=9-3"]) {
      expect(await problemIn(await getObject(job, key, { range }))).toMatchObject({
        status: 416,
        code: "range-invalid",
      });
    }
    await cancel(started);
  });

  test("with its token, while it runs", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild({ Dockerfile: "FROM scratch\nRUN --mount=target=/m token\n", m: "m" });
    const job = await runner.job();
    const key = contextKey(contextOf(job));
    expect((await getObject(job, key)).status).toBe(200);
    expect(await codeOf(getObject({ ...job, token: "0".repeat(64) }, key))).toBe("job-denied");
    expect(await codeOf(ask(`/v1/jobs/${job.id}/objects/${key}`))).toBe("job-denied");
    await runner.finish(job, written);
    await builtBy(await building);
    expect(await codeOf(getObject(job, key))).toBe("job-denied");
  });
});

describe("a layer is uploaded", () => {
  test("by the job that writes it, in parts that can be repeated", async () => {
    await using runner = await FakeRunner.dial();
    runner.manual.add("layer");
    const started = await start({ Dockerfile: "FROM scratch\nRUN parts\n" });
    const run = await runner.work({ upper: written });
    const job = await runner.task("layer");
    expect(await codeOf(startLayer(run))).toBe("job-denied");
    expect(await codeOf(startLayer({ ...job, token: "0".repeat(64) }))).toBe("job-denied");
    const { info, blob, toc } = await layerOf("f", "uploaded\n");
    const upload = await startUpload(job);
    for (const offset of [0, 0, 10, 10]) {
      const part = blob.subarray(offset, offset === 0 ? 10 : undefined);
      expect(await (await sendLayer(job, upload, offset, part)).json()).toEqual({
        size: offset + part.length,
      });
    }
    const forged = { id: job.id, token: run.token };
    expect(await codeOf(sendLayer(forged, upload, blob.length, blob))).toBe("job-denied");
    expect(await codeOf(finishLayer(forged, upload, info.digest))).toBe("job-denied");
    // A request whose answer was lost is sent again.
    for (const _ of [1, 2]) expect((await finishLayer(job, upload, info.digest)).status).toBe(204);
    expect(await storedKeys("uploads/")).toEqual([]);
    for (const _ of [1, 2]) expect((await putToc(job, info.digest, toc)).status).toBe(204);
    const { digest, size, mediaType, diffId } = info;
    const result = { kind: "layer", layer: { digest, size, mediaType, diffId } } as const;
    runner.say({ type: "done", job: job.id, result });
    const manifest = await manifestOf(started);
    expect(manifest.layers).toMatchObject([{ digest, size }]);
    expect(await layerFiles(env, digest)).toEqual({ f: "uploaded\n" });
    expect(await codeOf(startLayer(job))).toBe("job-denied");
  });

  test("only with its actual digest", async () => {
    await using runner = await FakeRunner.dial();
    runner.manual.add("layer");
    const started = await start({ Dockerfile: "FROM scratch\nRUN other digest\n" });
    await runner.work({ upper: written });
    const job = await runner.task("layer");
    const { blob } = await layerOf("f", "with another digest\n");
    const upload = await startUpload(job);
    await sendLayer(job, upload, 0, blob);
    const answer = await finishLayer(job, upload, sha256(new Uint8Array()));
    expect(answer.status).toBe(400);
    expect(await storedKeys(blobKey(sha256(blob)))).toEqual([]);
    await cancel(started);
  });

  test("by one job: another job cannot continue the upload", async () => {
    await using runner = await FakeRunner.dial({ capacity: 2 });
    runner.manual.add("layer");
    const builds = await Promise.all(
      ["one", "two"].map((name) => start({ Dockerfile: `FROM scratch\nRUN upload of ${name}\n` })),
    );
    const jobs = [await runner.job(), await runner.job()];
    for (const job of jobs) await runner.finish(job, written);
    const [one, two] = [await runner.task("layer"), await runner.task("layer")];
    const upload = await startUpload(one);
    expect((await sendLayer(two, upload, 0, new Uint8Array(1))).status).toBe(404);
    await Promise.all(builds.map(cancel));
  });

  test("before the job finishes with it", async () => {
    const { manifest } = await build(
      { Dockerfile: "FROM scratch\nCOPY s /\n", s: "secret" },
      { t: "private" },
    );
    const [layer] = manifest.layers as unknown as { digest: string; size: number; mediaType: string }[];
    if (layer === undefined) throw new Error("there is no layer");
    await using runner = await FakeRunner.dial();
    runner.manual.add("layer");
    const started = await start({ Dockerfile: "FROM scratch\nRUN nothing uploaded\n" }, undefined, {
      t: "mine",
    });
    await runner.work({ upper: written });
    const job = await runner.task("layer");
    // Otherwise a runner could get the layer of any repository whose digest it knows.
    const result = { kind: "layer", layer: { ...layer, diffId: sha256(new Uint8Array()) } } as const;
    runner.say({ type: "done", job: job.id, result });
    expect(await endOf(started)).toBe("failed");
    expect(JSON.stringify(await eventsOf(started.id))).toContain("has not uploaded");
    expect((await ask(`/v2/mine/blobs/${layer.digest}`, { method: "HEAD" })).status).toBe(404);
  });
});

describe("a table of contents", () => {
  test("that does not describe the uploaded layer is rejected", async () => {
    const { manifest } = await build({ Dockerfile: "FROM scratch\nCOPY o /\n", o: "other" });
    const stored = manifest.layers[0]?.digest ?? "";
    await using runner = await FakeRunner.dial();
    runner.manual.add("layer");
    const started = await start({ Dockerfile: "FROM scratch\nRUN wrong contents\n" });
    await runner.work({ upper: written });
    const job = await runner.task("layer");
    const { info, blob, lines, toc } = await layerOf("f", "described\n");
    expect(await codeOf(putToc(job, info.digest, toc))).toBe("toc-invalid");
    const upload = await startUpload(job);
    await sendLayer(job, upload, 0, blob);
    await finishLayer(job, upload, info.digest);
    const otherSize = concat(encodeToc({ ...info, size: info.size + 1 }, lines));
    const otherLayer = concat(encodeToc({ ...info, digest: stored }, lines));
    for (const bytes of [new Uint8Array(), new TextEncoder().encode("{}"), otherSize, otherLayer]) {
      expect(await problemIn(await putToc(job, info.digest, bytes))).toMatchObject({
        status: 400,
        code: "toc-invalid",
      });
    }
    // Nor may the job describe objects of other jobs.
    expect(await codeOf(putToc(job, stored, otherLayer))).toBe("toc-invalid");
    expect(await storedKeys(tocKey(info.digest))).toEqual([]);
    expect((await putToc(job, info.digest, toc)).status).toBe(204);
    expect(await storedKeys(tocKey(info.digest))).toEqual([tocKey(info.digest)]);
    await cancel(started);
  });

  test("of a runner that only a scope trusts is read only by builds of that scope", async () => {
    const text = "FROM scratch AS made\nRUN lies\n";
    const started = await start({ Dockerfile: text }, "only", { t: "liar:base" });
    await using own = await beside(started);
    own.manual.add("layer");
    await own.work({ upper: [member({ path: "app" }, "true\n")] });
    const job = await own.task("layer");
    // The layer contains "app", but its table of contents lists "lie".
    const { info, blob } = await layerOf("app", "true\n");
    const { lines } = await layerOf("lie", "true\n");
    const upload = await startUpload(job);
    await sendLayer(job, upload, 0, blob);
    await finishLayer(job, upload, info.digest);
    expect((await putToc(job, info.digest, concat(encodeToc(info, lines)))).status).toBe(204);
    const { digest, size, mediaType, diffId } = info;
    own.say({
      type: "done",
      job: job.id,
      result: { kind: "layer", layer: { digest, size, mediaType, diffId } },
    });
    expect(await endOf(started)).toBe("done");
    expect(await storedKeys(tocKey(digest))).toEqual([]);
    expect(await storedKeys(`scopes/liar/tocs/`)).toEqual([scopedTocKey("liar", digest)]);

    const reading = { Dockerfile: `${text}FROM scratch\nCOPY --from=made /lie /read\n` };
    expect((await build(reading, { t: "liar:reading" })).manifest.layers).toHaveLength(1);
    const elsewhere = {
      Dockerfile: "FROM localhost/liar:base AS made\nFROM scratch\nCOPY --from=made /app /\n",
    };
    const other = await build(elsewhere, { t: "reader" });
    expect(await layerFiles(env, other.manifest.layers[0]?.digest)).toEqual({ app: "true\n" });
    const toc = await (await env.BUCKET.get(tocKey(digest)))?.bytes();
    const { tree } = await decodeToc(memoryStore(), digest, toc ?? new Uint8Array());
    expect([...tree.walk("")].map(({ path }) => path)).toEqual(["app"]);
  });
});

function contextOf(job: RunJob): string {
  const [mount] = (job.task as RunTask).mounts;
  if (mount?.type !== "bind" || !("context" in mount.from)) throw new Error("the job mounts no context");
  return mount.from.context;
}
