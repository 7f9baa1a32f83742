import { describe, expect, test } from "vitest";
import { encodeForm } from "../../src/client/build-form.ts";
import { openContext } from "../../src/context/store.ts";
import { storeOf } from "../../src/worker/store.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { layerFiles } from "../helpers/layer-files.ts";
import { member } from "../tar/archive.ts";
import { FakeRunner } from "./fake-runner.ts";
import { ask, build, builtBy, env, eventsOf, postBuild, problemIn, recordOf, textOf } from "./server.ts";

const run = (command: string, before = "COPY a /a"): ContextFiles => ({
  Dockerfile: `FROM scratch\n${before}\nRUN ${command}\n`,
  a: command,
});
const written = [member({ path: "f" }, "hi\n")];
const asText = { accept: "text/plain" };

describe("a RUN", () => {
  test("executes on a runner, and is then cached", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run("echo hi > /f"), { t: "main" });
    const job = await runner.job();
    expect(job).toMatchObject({
      platform: "linux/amd64",
      args: ["/bin/sh", "-c", "echo hi > /f"],
      workdir: "/",
      user: "",
      mounts: [],
      network: "default",
    });
    // The COPY before it executed on the runner, which holds the result.
    expect(runner.executed[0]).toBe("copy");
    expect(job.layers).toEqual([{ snapshot: expect.stringMatching(/^snapshot:/) }]);
    await runner.finish(job, written);
    const built = await builtBy(await building);
    expect(await layerFiles(env, built.manifest.layers[0]?.digest)).toEqual({ a: "echo hi > /f" });
    expect(await layerFiles(env, built.manifest.layers[1]?.digest)).toEqual({ f: "hi\n" });
    expect(await build(run("echo hi > /f"), { t: "main" })).toEqual(built);
  });

  test("reports its output line by line", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run("log"), {}, asText);
    const job = await runner.job();
    for (const text of ["one\ntw", "o\n", "", "no end"]) runner.log(job, text);
    runner.log(job, "error\n", "stderr");
    await runner.finish(job, []);
    const lines = (await textOf(await building)).split("\n").map((line) => line.replace(/\d\.\d{3}/, "T"));
    expect(lines.filter((line) => / T /.test(line))).toEqual([
      "#2 T one",
      "#2 T two",
      "#2 T error",
      "#2 T no end",
    ]);
  });

  test("that fails ends the build with BuildKit's message and its last lines", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run('echo "x"; exit 3'));
    const job = await runner.job();
    for (let line = 1; line <= 12; line++) runner.log(job, `line ${line}\n`);
    runner.say({ type: "failed", job: job.id, failure: { reason: "exit", exitCode: 3, message: "" } });
    const problem = await problemIn(await building);
    const message = 'process "/bin/sh -c echo \\"x\\"; exit 3" did not complete successfully: exit code: 3';
    expect(problem).toMatchObject({ status: 400, code: "run-failed", title: message, errors: [{ line: 3 }] });
    expect(problem.detail).toContain(`${message}\n------\nline 3\n`);
    expect(problem.detail).toContain("line 12\n------\nDockerfile:3\n");
    expect(problem.detail).not.toContain("line 2\n");
  });

  test("that fails ends its step in the progress", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run("exit 1"), {}, asText);
    await runner.work({ failure: { reason: "exit", exitCode: 1, message: "" } });
    const message = 'process "/bin/sh -c exit 1" did not complete successfully: exit code: 1';
    expect(await textOf(await building)).toContain(`\n#2 ERROR: ${message}\nERROR: ${message}\n`);
  });

  test.each([
    ["out-of-memory", "did not complete successfully: cannot allocate memory"],
    ["out-of-disk", "did not complete successfully: no space left on device"],
    ["timeout", "was stopped: too long"],
    ["refused", "the runner rejected process"],
    ["internal", "could not be executed: too long"],
  ] as const)("that ends with %s has words of its own", async (reason, words) => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run(reason));
    await runner.work({ failure: { reason, message: "too long" } });
    expect((await problemIn(await building)).title).toContain(words);
  });

  test("of two equal builds executes once", async () => {
    await using runner = await FakeRunner.dial({ capacity: 2 });
    const first = postBuild(run("once"), { t: "once" });
    const job = await runner.job();
    const second = postBuild(run("once"), { t: "once" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await runner.finish(job, written);
    expect(await builtBy(await second)).toEqual(await builtBy(await first));
  });

  test("starts from the result of the previous one, without waiting for its layer", async () => {
    await using runner = await FakeRunner.dial();
    runner.manual.add("layer");
    const building = postBuild({ Dockerfile: "FROM scratch\nRUN one\nRUN two\n" });
    await runner.work({ upper: written });
    const first = await runner.task("layer");
    const { layers } = await runner.work({
      upper: [member({ path: "f", type: "char", device: { major: 0, minor: 0 } })],
    });
    expect(layers).toEqual([{ snapshot: first.task.snapshot }]);
    const second = await runner.task("layer");
    expect(second.task.layers).toEqual(layers);
    await runner.execute(second);
    await runner.execute(first);
    const { manifest } = await builtBy(await building);
    expect(await layerFiles(env, manifest.layers[0]?.digest)).toEqual({ f: "hi\n" });
    expect(await layerFiles(env, manifest.layers[1]?.digest)).toEqual({ ".wh.f": "" });
  });

  test("starts from the layers of its base, fetched by the runner", async () => {
    const base = await build({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "of the base" }, { t: "stored" });
    await using runner = await FakeRunner.dial();
    const building = postBuild({ Dockerfile: "FROM localhost/stored\nRUN on a base\n" });
    const { layers } = await runner.work({ upper: written });
    expect(layers).toMatchObject([base.manifest.layers[0]]);
    const { manifest } = await builtBy(await building);
    expect(manifest.layers[0]).toEqual(base.manifest.layers[0]);
  });
});

describe("mounts", () => {
  test("of the context refer to the context, not to layers of an image", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild({
      Dockerfile: "FROM scratch\nRUN --mount=source=d/sub,target=/m cat\n",
      ".dockerignore": "d/other",
      "d/sub/f": "mounted",
      "d/other": "not",
    });
    const job = await runner.job();
    const [mount] = job.mounts;
    if (mount?.type !== "bind" || !("context" in mount.from)) throw new Error("there is no bind mount");
    expect(mount).toMatchObject({ source: "/d/sub", target: "/m", readonly: true });
    expect(mount.from.ignore).toEqual(["d/other"]);
    const tree = (await openContext(storeOf(env), mount.from.context))?.tree;
    expect(tree?.lookup("d/sub/f")?.size).toBe("mounted".length);
    await runner.finish(job, []);
    await builtBy(await building);
  });

  test("of type cache belong to the image that is built", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(
      { Dockerfile: "FROM scratch\nRUN --mount=type=cache,target=/c x\n" },
      { t: "mine" },
    );
    const job = await runner.work({ upper: [] });
    const mount = { type: "cache", sharing: "shared", source: "/", target: "/c", readonly: false };
    expect(job.mounts).toEqual([{ ...mount, id: "mine//c", key: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    await builtBy(await building);
  });

  test("add no mount points to the layer", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild({ Dockerfile: "FROM scratch\nRUN --mount=type=tmpfs,target=/a/b x\n" });
    const upper = ["a/b/", "etc/"].map((path) =>
      member({ path: path.slice(0, -1), type: "dir", mode: 0o755 }),
    );
    await runner.work({ upper: [...upper, member({ path: "etc/hosts" }), member({ path: "kept" }, "kept")] });
    const { manifest } = await builtBy(await building);
    expect(await layerFiles(env, manifest.layers[0]?.digest)).toEqual({ kept: "kept" });
  });
});

describe("a secret", () => {
  const dockerfile = (mount: string) => `FROM scratch\nRUN --mount=type=secret,${mount} x\n`;
  const post = (mount: string, secrets: Record<string, string>) => {
    const form = new FormData();
    form.set("dockerfile", dockerfile(mount));
    for (const [id, value] of Object.entries(secrets)) form.set(`secret.${id}`, value);
    return ask("/v1/builds", { method: "POST", body: form });
  };

  test("is sent to the runner only", async () => {
    await using runner = await FakeRunner.dial();
    const building = post("id=s,required=true", { s: "the value of the secret" });
    const job = await runner.work({ upper: written });
    expect(job.mounts).toMatchObject([{ target: "/run/secrets/s", value: btoa("the value of the secret") }]);
    const { id } = await builtBy(await building);
    const published = JSON.stringify([await eventsOf(id), await recordOf(id)]);
    expect(published).not.toContain("the value of");
    expect(published).not.toContain(job.mounts[0]?.type === "secret" ? job.mounts[0].value : "");
  });

  test("can be sent with a stored context", async () => {
    await using runner = await FakeRunner.dial();
    const listing = await ask("/v1/contexts", { method: "POST", body: '["d","dir",493,0,0,0,""]\n' });
    const { digest: context } = await listing.json<{ digest: string }>();
    const text = dockerfile("id=named,required=true");
    const { body, contentType } = encodeForm([
      ["secret.named", "the value"],
      ["request", JSON.stringify({ dockerfile: text, context, options: { labels: { a: "b" } } })],
    ]);
    const headers = { "content-type": contentType };
    const building = ask("/v1/builds", { method: "POST", headers, body });
    const job = await runner.work({ upper: written });
    expect(job.mounts).toMatchObject([{ id: "named", value: btoa("the value") }]);
    const { manifest } = await builtBy(await building);
    const config = JSON.parse(await textOf(await ask(`/v2/builds/blobs/${manifest.config.digest}`)));
    expect(config).toMatchObject({ config: { Labels: { a: "b" } } });
  });

  test("that is missing fails the build only if it is required", async () => {
    await using runner = await FakeRunner.dial();
    expect(await problemIn(await post("id=u,required=true", { other: "x" }))).toMatchObject({
      code: "secret-missing",
      title: "secret u: not found",
      errors: [{ line: 2 }],
    });
    const building = post("id=t", {});
    expect((await runner.work({ upper: [] })).mounts).toEqual([]);
    await builtBy(await building);
  });
});
