import { describe, expect, test } from "vitest";
import type { CreatedToken } from "../../schemas/access.ts";
import type { PlanResult } from "../../schemas/plan.ts";
import { scopedTocKey, tocKey } from "../../src/layers/toc.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { layerFiles } from "../helpers/layer-files.ts";
import { archive, member } from "../tar/archive.ts";
import { beside, cancel, endOf, manifestOf, start } from "./client-builds.ts";
import { FakeRunner, type RunJob } from "./fake-runner.ts";
import { ask, build, builtBy, env, postBuild, storedKeys } from "./server.ts";

const written = (text = "hi\n") => [member({ path: "f" }, text)];
const dockerfile = (...lines: string[]): ContextFiles => ({ Dockerfile: `${lines.join("\n")}\n` });
const commandOf = ({ args }: RunJob) => args.at(-1);

/** A runner whose token grants `run` for some repositories. */
async function scopedRunner(pattern: string, hello: Parameters<typeof FakeRunner.dial>[0] = {}) {
  const body = JSON.stringify({ name: "", scopes: [`run:${pattern}`] });
  const { token } = await (await ask("/v1/tokens", { method: "POST", body })).json<CreatedToken>();
  // A server on this machine trusts every runner on it, so this one is elsewhere.
  return FakeRunner.dial(hello, { token, url: "https://varve.example.com/v1/runners" });
}

/** Files of the last layer of an image. */
async function lastFiles({ layers }: { layers: { digest: string }[] }): Promise<Record<string, string>> {
  return layerFiles(env, layers.at(-1)?.digest);
}

describe("a snapshot that a runner keeps", () => {
  test("is found by later builds, without a stored layer", async () => {
    await using pool = await FakeRunner.dial();
    const lines = (to: string) =>
      dockerfile("FROM scratch AS s", "RUN kept", "FROM scratch", `COPY --from=s /f ${to}`);
    const first = postBuild(lines("/1"), { t: "kept/one" });
    await pool.work({ upper: written("kept\n") });
    await builtBy(await first);
    // Only the result of COPY is stored.
    expect(pool.executed).toEqual(["select", "copy", "layer"]);
    const second = await build(lines("/2"), { t: "kept/two" });
    expect(await lastFiles(second.manifest)).toEqual({ "2": "kept\n" });
  });

  test("is recreated when the runner no longer has it", async () => {
    await using pool = await FakeRunner.dial();
    const lines = (to: string) =>
      dockerfile("FROM scratch AS s", "RUN gone", "FROM scratch", `COPY --from=s /f ${to}`);
    const first = postBuild(lines("/1"));
    await pool.work({ upper: written("old\n") });
    await builtBy(await first);
    pool.loseSnapshots();
    const second = postBuild(lines("/2"));
    await pool.work({ upper: written("new\n") });
    expect(await lastFiles((await builtBy(await second)).manifest)).toEqual({ "2": "new\n" });
  });

  test("of the client's runner is not found by other builds", async () => {
    const mine = await start(dockerfile("FROM scratch", "RUN shared", "RUN mine"), "only", { t: "mine" });
    await using own = await beside(mine);
    // Nothing is stored, so that only the snapshot could be found.
    own.manual.add("layer");
    await own.work({ upper: written() });
    expect(commandOf(await own.job())).toBe("mine");
    await expect.poll(() => own.handled.map(({ type }) => type)).toContain("keep");
    await using pool = await FakeRunner.dial();
    const searches = () => own.handled.filter(({ type }) => type === "find").length;
    const before = searches();
    const other = postBuild(dockerfile("FROM scratch", "RUN shared"), { t: "mine" });
    expect(commandOf(await pool.work({ upper: written() }))).toBe("shared");
    await builtBy(await other);
    expect(searches()).toBe(before);
    await cancel(mine);
  });

  test.each([
    ["a cache mount", "RUN --mount=type=cache,target=/c"],
    ["a secret", "RUN --mount=type=secret,id=s"],
  ])("and that depends on %s is found in its scope only", async (name, run) => {
    await using pool = await FakeRunner.dial();
    const lines = (to: string) =>
      dockerfile("FROM scratch AS s", `${run} ${name}`, "FROM scratch", `COPY --from=s /f ${to}`);
    const image = `scoped/${name.replaceAll(" ", "-")}`;
    for (const [t, to, isFound] of [
      [`${image}:1`, "/1", false],
      [`${image}:2`, "/2", true],
      [`${image}-of-another`, "/3", false],
    ] as const) {
      const building = postBuild(lines(to), { t });
      if (!isFound) await pool.work({ upper: written(`${t}\n`) });
      const { manifest } = await builtBy(await building);
      expect(await lastFiles(manifest)).toEqual({ [to.slice(1)]: `${isFound ? `${image}:1` : t}\n` });
    }
  });

  test("can be removed once its build has ended", async () => {
    await using pool = await FakeRunner.dial();
    const started = await start(dockerfile("FROM scratch", "RUN released"));
    await pool.work({ upper: written() });
    expect(await endOf(started)).toBe("done");
    await expect.poll(() => pool.handled).toContainEqual({ type: "release", build: started.id });
  });
});

test("a build without cache executes its steps again while its last results are stored", async () => {
  await using pool = await FakeRunner.dial();
  pool.manual.add("layer");
  const files = dockerfile("FROM scratch AS s", "RUN again", "FROM scratch", "COPY --from=s /f /f");
  const query = { t: "without-cache", nocache: "1", cache: "max" };
  const first = await start(files, undefined, query);
  await pool.work({ upper: written("1\n") });
  await pool.execute(await pool.task("layer"));
  expect(await endOf(first)).toBe("done");
  const storing = await pool.task("layer");
  const second = await start(files, undefined, query);
  await pool.work({ upper: written("2\n") });
  await pool.execute(await pool.task("layer"));
  expect(await endOf(second)).toBe("done");
  expect(await lastFiles(await manifestOf(second))).toEqual({ f: "2\n" });
  await pool.execute(storing);
});

describe("a runner that has lost its snapshots", () => {
  test("and stays disconnected longer than the grace period is replaced by another one, which executes the steps again", async () => {
    const first = await FakeRunner.dial();
    const files = { ...dockerfile("FROM scratch", "COPY a /", "RUN 1", "RUN 2"), a: "a" };
    const started = await start(files, undefined, { t: "replaced" });
    // Nothing is stored before it disconnects.
    first.manual.add("layer");
    await first.work({ upper: written("lost\n") });
    expect(commandOf(await first.job())).toBe("2");
    first.close();
    await using second = await FakeRunner.dial();
    expect(commandOf(await second.work({ upper: written("again\n") }))).toBe("1");
    expect(commandOf(await second.work({ upper: [member({ path: "g" }, "2\n")] }))).toBe("2");
    const { layers } = await manifestOf(started);
    const files2 = await Promise.all(layers.map(({ digest }) => layerFiles(env, digest)));
    expect(files2).toEqual([{ a: "a" }, { f: "again\n" }, { g: "2\n" }]);
    expect(second.executed).toContain("copy");
  }, 60_000);

  test("executes the steps again itself when it is connected", async () => {
    await using pool = await FakeRunner.dial();
    pool.manual.add("layer");
    const started = await start({ ...dockerfile("FROM scratch", "COPY a /", "RUN 3", "RUN 4"), a: "3" });
    await pool.work({ upper: written("lost\n") });
    const running = await pool.job();
    const layers = [await pool.task("layer"), await pool.task("layer")];
    pool.loseSnapshots();
    pool.manual.delete("layer");
    for (const job of layers) await pool.execute(job);
    const snapshots = layers.map(({ task }) => task.snapshot);
    const failure = { reason: "snapshot-lost", message: "gone", snapshots } as const;
    pool.say({ type: "failed", job: running.id, failure: { ...failure, snapshots: [...snapshots] } });
    expect(commandOf(await pool.work({ upper: written("again\n") }))).toBe("3");
    expect(commandOf(await pool.work({ upper: [] }))).toBe("4");
    expect(await layerFiles(env, (await manifestOf(started)).layers[1]?.digest)).toEqual({ f: "again\n" });
  });
});

describe("RUN steps of one build", () => {
  test("that are independent run on three runners at the same time", async () => {
    const runners = [await FakeRunner.dial(), await FakeRunner.dial(), await FakeRunner.dial()];
    const stages = ["a", "b", "c"].flatMap((name) => [`FROM scratch AS ${name}`, `RUN ${name}`]);
    const copies = ["a", "b", "c"].map((name) => `COPY --from=${name} /f /${name}`);
    const started = await start(dockerfile(...stages, "FROM scratch", ...copies));
    const jobs = await Promise.all(runners.map((runner) => runner.job()));
    expect(new Set(jobs.map(commandOf))).toEqual(new Set(["a", "b", "c"]));
    await Promise.all(
      runners.map((runner, index) =>
        runner.finish(jobs[index] as RunJob, written(commandOf(jobs[index] as RunJob))),
      ),
    );
    const { layers } = await manifestOf(started);
    expect(await Promise.all(layers.map(({ digest }) => layerFiles(env, digest)))).toEqual([
      { a: "a" },
      { b: "b" },
      { c: "c" },
    ]);
    for (const runner of runners) runner.close();
  });

  test("leave the busy holder of their base for a free runner, which fetches the stored layers", async () => {
    await using holder = await FakeRunner.dial();
    const started = await start(
      dockerfile(
        "FROM scratch AS base",
        "RUN base",
        "FROM base AS one",
        "RUN one",
        "FROM base",
        "RUN two",
        "COPY --from=one /one /",
      ),
    );
    await holder.work({ upper: written("base\n") });
    const first = await holder.job();
    expect(first.layers).toEqual([{ snapshot: expect.any(String) }]);
    await using free = await FakeRunner.dial();
    const second = await free.job();
    expect(new Set([first, second].map(commandOf))).toEqual(new Set(["one", "two"]));
    expect(second.layers).toMatchObject([{ digest: expect.stringMatching(/^sha256:/) }]);
    await holder.finish(first, [member({ path: commandOf(first) ?? "" }, "1\n")]);
    await free.finish(second, [member({ path: commandOf(second) ?? "" }, "2\n")]);
    const { layers } = await manifestOf(started);
    expect(await layerFiles(env, layers[0]?.digest)).toEqual({ f: "base\n" });
    expect(layers[0]?.digest).toBe((second.layers[0] as { digest: string }).digest);
    expect(Object.keys(await lastFiles({ layers }))).toEqual(["one"]);
  }, 60_000);

  test("wait for the busy holder of a large base as long as moving the base would take", async () => {
    await using holder = await FakeRunner.dial();
    holder.snapshotBytes = 180_000_000;
    const started = await start(
      dockerfile(
        "FROM scratch AS a",
        "RUN large",
        "FROM a AS b",
        "RUN 1",
        "FROM a",
        "RUN 2",
        "COPY --from=b /f /",
      ),
    );
    await holder.work({ upper: written("base\n") });
    const first = await holder.job();
    await using free = await FakeRunner.dial();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await holder.finish(first, written("1\n"));
    await holder.work({ upper: written("2\n") });
    await manifestOf(started);
    expect(free.executed).toEqual([]);
  }, 60_000);
});

test("a runner copies files of stages whose processes it cannot run", async () => {
  await build({ ...dockerfile("FROM scratch", "COPY tool /"), tool: "tool" }, { t: "tools" });
  await using amd = await FakeRunner.dial();
  const lines = dockerfile(
    "FROM scratch AS files",
    "COPY a /",
    "FROM --platform=linux/amd64 localhost/tools AS made",
    "RUN --mount=from=files,target=/m cross-compile",
    "FROM scratch",
    "COPY --from=made /f /",
    "COPY --from=files /a /",
  );
  const building = postBuild({ ...lines, a: "a" }, { platform: "linux/arm64" });
  const { platform } = await amd.work({ upper: written("arm\n") });
  expect(platform).toBe("linux/amd64");
  expect(await lastFiles((await builtBy(await building)).manifest)).toEqual({ a: "a" });
});

test("a runner that stops still writes the layers of its snapshots", async () => {
  const first = await FakeRunner.dial();
  first.manual.add("layer");
  const started = await start(dockerfile("FROM scratch", "RUN 5", "RUN 6"));
  await first.work({ upper: written("5\n") });
  const [run, layer] = [await first.job(), await first.task("layer")];
  first.say({ type: "bye" });
  first.say({ type: "failed", job: run.id, failure: { reason: "cancelled", message: "the runner stops" } });
  await first.execute(layer);
  await using second = await FakeRunner.dial();
  const again = await second.work({ upper: [member({ path: "g" }, "6\n")] });
  expect([commandOf(again), again.layers]).toMatchObject(["6", [{ digest: expect.any(String) }]]);
  const { layers } = await manifestOf(started);
  expect(await Promise.all(layers.map(({ digest }) => layerFiles(env, digest)))).toEqual([
    { f: "5\n" },
    { g: "6\n" },
  ]);
  first.close();
});

describe("a runner that some repositories trust", () => {
  test("cannot impersonate the runner that holds a snapshot", async () => {
    const pool = await FakeRunner.dial();
    pool.manual.add("layer");
    const started = await start(dockerfile("FROM scratch", "RUN trusted"), undefined, { t: "team/app" });
    await pool.work({ upper: written("good\n") });
    const layer = await pool.task("layer");
    await using evil = await scopedRunner("team/*", { instance: pool.instance, jobs: [layer.id] });
    evil.manual.add("layer");
    expect(await evil.next()).toEqual({ type: "cancel", job: layer.id });
    pool.close();
    // The layer is lost with its holder, so RUN executes again.
    await evil.work({ upper: written("of its own\n") });
    await evil.execute(await evil.task("layer"));
    const { layers } = await manifestOf(started);
    expect(await lastFiles({ layers })).toEqual({ f: "of its own\n" });
    const [{ digest = "" } = {}] = layers;
    expect(await storedKeys("scopes/team/app/tocs/")).toEqual([scopedTocKey("team/app", digest)]);
    expect(await storedKeys(tocKey(digest))).toEqual([]);
    await using other = await FakeRunner.dial();
    const building = postBuild(dockerfile("FROM scratch", "RUN trusted"), { t: "others/app" });
    await other.work({ upper: written("good\n") });
    expect(await lastFiles((await builtBy(await building)).manifest)).toEqual({ f: "good\n" });
  }, 60_000);

  test("cannot add wrong results for steps of other repositories", async () => {
    // A step that differs from COPY of the stage only in the digest of what it selects.
    const forged = dockerfile("FROM scratch", "COPY f /app");
    await build({ ...forged, f: "evil\n" }, { t: "team/evil" });
    const listing = [["f", "file", 0o644, 0, 0, 5, sha256("evil\n")]];
    const body = JSON.stringify({ dockerfile: forged.Dockerfile, listing });
    const planned = await ask("/v1/plan?t=team/evil", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const [platform] = (await planned.json<PlanResult>()).platforms;
    const digests = platform?.steps[0]?.key?.sources ?? [];
    const lines = dockerfile("FROM scratch AS made", "RUN make", "FROM scratch", "COPY --from=made /f /app");
    const started = await start(lines, "only", { t: "team/evil" });
    await using evil = await beside(started);
    evil.manual.add("select");
    await evil.work({ upper: written("evil\n") });
    const { id } = await evil.task("select");
    evil.say({ type: "done", job: id, result: { kind: "select", digests } });
    expect(await lastFiles(await manifestOf(started))).toEqual({ app: "evil\n" });
    await using pool = await FakeRunner.dial();
    const building = postBuild(lines, { t: "victim" });
    await pool.work({ upper: written("good\n") });
    expect(await lastFiles((await builtBy(await building)).manifest)).toEqual({ app: "good\n" });
  });
});

test("a RUN above an image that only claims the diffIDs of another one is executed", async () => {
  await using pool = await FakeRunner.dial();
  const encode = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  const tar = archive(member({ path: "base" }, "1\n"));
  const claimed = sha256(tar);
  const push = async (name: string, blob: Uint8Array): Promise<void> => {
    const config = encode({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [claimed] },
    });
    const descriptors = [];
    for (const [mediaType, bytes] of [
      ["application/vnd.oci.image.config.v1+json", config],
      ["application/vnd.oci.image.layer.v1.tar", blob],
    ] as const) {
      const digest = sha256(bytes);
      const answer = await ask(`/v2/${name}/blobs/uploads/?digest=${digest}`, {
        method: "POST",
        body: bytes,
      });
      expect(answer.status).toBe(201);
      descriptors.push({ mediaType, digest, size: bytes.length });
    }
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = { schemaVersion: 2, mediaType, config: descriptors[0], layers: [descriptors[1]] };
    const answer = await ask(`/v2/${name}/manifests/1`, {
      method: "PUT",
      body: encode(manifest),
      headers: { "content-type": mediaType },
    });
    expect(answer.status).toBe(201);
  };
  await push("claims/true", tar);
  await push("claims/false", archive(member({ path: "base" }, "2\n")));
  const files = (name: string) => dockerfile(`FROM localhost/claims/${name}:1`, "RUN above a claim");
  const first = postBuild(files("true"));
  await pool.work({ upper: written() });
  await builtBy(await first);
  const failure = { reason: "exit", message: "it was executed", exitCode: 1 } as const;
  const second = postBuild(files("false"));
  await pool.work({ failure });
  expect((await second).status).toBe(400);
});
