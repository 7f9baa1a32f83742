import { describe, expect, test } from "vitest";
import type { JobRow } from "../../src/worker/jobs/job-table.ts";
import { mayHave } from "../../src/worker/runners/runner-trust.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { layerFiles } from "../helpers/layer-files.ts";
import { member } from "../tar/archive.ts";
import { beside, cancel, endOf, manifestOf, start } from "./client-builds.ts";
import { dial, FakeRunner, getLayer, getObject, type RunJob, startLayer } from "./fake-runner.ts";
import { ask, build, builtBy, endedRecordOf, env, eventsOf, postBuild, problemIn } from "./server.ts";

const written = [member({ path: "f" }, "hi\n")];
const dockerfile = (...lines: string[]): ContextFiles => ({
  Dockerfile: ["FROM scratch", ...lines, ""].join("\n"),
});
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

/** The job that the runner receives within a moment, or `nothing`. */
async function soon(runner: FakeRunner): Promise<RunJob | "nothing"> {
  return Promise.race([runner.job(), pause().then(() => "nothing" as const)]);
}

describe("a client's runner", () => {
  test("executes the steps of its build, before other runners", async () => {
    await using pool = await FakeRunner.dial();
    const started = await start(dockerfile("RUN first"), "first");
    expect(await soon(pool)).toBe("nothing");
    await using own = await beside(started);
    await own.work({ upper: written });
    expect(await endOf(started)).toBe("done");
  });

  test("is requested as soon as a step needs it, so that clients start it", async () => {
    const started = await start(dockerfile("RUN requested"), "first");
    const types = async () => (await env.BUILDS.getByName(started.id).log()).map(({ type }) => type);
    await expect.poll(types).toContain("step.waiting");
    await cancel(started);
  });

  test("that cannot execute them leaves them to other runners", async () => {
    await using pool = await FakeRunner.dial();
    const started = await start(dockerfile("RUN cannot"), "first");
    await using _own = await beside(started, { platforms: [] });
    await pool.work({ upper: written });
    expect(await endOf(started)).toBe("done");
  });

  test("does not share them when only it may execute them", async () => {
    await using pool = await FakeRunner.dial();
    const started = await start(dockerfile("RUN only"), "only");
    await using incapable = await beside(started, { platforms: [] });
    expect(await soon(pool)).toBe("nothing");
    incapable.close();
    await using own = await beside(started);
    await own.work({ upper: written });
    expect(await endOf(started)).toBe("done");
  });

  test("that is a spare executes steps that others cannot", async () => {
    const pool = await FakeRunner.dial();
    const served = await start(dockerfile("RUN spare 1"), "spare");
    await pool.work({ upper: written });
    expect(await endOf(served)).toBe("done");
    await pool[Symbol.asyncDispose]();
    const alone = await start(dockerfile("RUN spare 2"), "spare");
    await using own = await beside(alone);
    await own.work({ upper: written });
    expect(await endOf(alone)).toBe("done");
  });

  test("provides its secrets; the server has only their names", async () => {
    await using pool = await FakeRunner.dial();
    const files = dockerfile("RUN --mount=type=secret,id=s,required=true --mount=type=ssh x");
    const started = await start(files, "first", { secret: "s", ssh: "default" });
    await using own = await beside(started);
    const job = await own.work({ upper: written });
    expect(job.mounts).toMatchObject([
      { type: "ssh", id: "default", forwarded: true },
      { type: "secret", id: "s", target: "/run/secrets/s" },
    ]);
    expect(job.mounts[1]).not.toHaveProperty("value");
    expect(await endOf(started)).toBe("done");
    expect(await soon(pool)).toBe("nothing");
  });

  test("receives no secrets that another client sent with an equal build", async () => {
    const text = dockerfile("RUN --mount=type=secret,id=s sent").Dockerfile as string;
    const form = new FormData();
    form.set("dockerfile", text);
    form.set("secret.s", "for the operator's runners");
    const sent = await ask("/v1/builds", {
      method: "POST",
      body: form,
      headers: { prefer: "respond-async" },
    });
    const id = sent.headers.get("varve-build") ?? "";
    const empty = new FormData();
    empty.set("dockerfile", text);
    const joined = await ask("/v1/builds?runner=first&secret=s", {
      method: "POST",
      body: empty,
      headers: { prefer: "respond-async" },
    });
    expect(joined.headers.get("varve-build")).toBe(id);
    await using own = await beside({ id, token: joined.headers.get("varve-runner") ?? "" });
    expect(await soon(own)).toBe("nothing");
    await using pool = await FakeRunner.dial();
    await pool.work({ upper: written });
    expect((await endedRecordOf(id)).state).toBe("done");
  });
});

describe("the result of a client's runner", () => {
  const evil = [member({ path: "f" }, "evil\n"), member({ path: "app", type: "symlink", linkname: "/etc" })];

  test("is cached only for the repository that was built", async () => {
    const files = { ...dockerfile("RUN trust", "COPY a /app/"), a: "a" };
    const first = await start(files, "first", { t: "mine:1" });
    await using own = await beside(first);
    await own.work({ upper: evil });
    expect(await endOf(first)).toBe("done");
    const again = await build(files, { t: "mine:2" });

    await using pool = await FakeRunner.dial();
    const other = postBuild(files, { t: "theirs" });
    await pool.work({ upper: [member({ path: "f" }, "good\n")] });
    const theirs = await builtBy(await other);
    expect(theirs.manifest.layers).not.toContainEqual(again.manifest.layers[0]);
    expect(theirs.manifest.layers[1]).not.toEqual(again.manifest.layers[1]);
    // Every repository trusts the runners of the operator.
    expect((await build(files, { t: "third" })).digest).toBe(theirs.digest);
  });

  test("cannot replace that of another runner that received the same job later", async () => {
    const files = dockerfile("RUN replaced");
    const started = await start(files, "first", { t: "mine" });
    const own = await beside(started);
    const job = await own.job();
    own.close();
    await using pool = await FakeRunner.dial();
    const same = await pool.job();
    expect([same.id, same.token]).toEqual([job.id, job.token]);
    await using back = await beside(started, { jobs: [job.id] });
    expect(await back.next()).toEqual({ type: "cancel", job: job.id });
    await back.finish(job, evil);
    await back.known();
    expect((await problemIn(await startLayer(job))).code).toBe("layer-denied");
    await pool.finish(same, written);
    const manifest = await manifestOf(started);
    expect(await layerFiles(env, manifest.layers[0]?.digest)).toEqual({ f: "hi\n" });
  }, 60_000);

  test("that depends on secrets of its repository is not found by others", async () => {
    const files = dockerfile("RUN --mount=type=secret,id=s private");
    await using pool = await FakeRunner.dial();
    for (const t of ["one", "two"]) {
      const building = postBuild(files, { t });
      await pool.work({ upper: written });
      await builtBy(await building);
    }
    await build(files, { t: "one:again" });
  });
});

describe("a malicious runner of a build", () => {
  test("receives no job of another build, and cannot finish one", async () => {
    const mine = await start(dockerfile("RUN mine"), "only");
    const theirs = await start({ ...dockerfile("COPY a /", "RUN theirs"), a: "secret" });
    await using victim = await FakeRunner.dial();
    const job = await victim.job();
    await using evil = await beside(mine, { capacity: 99, jobs: [job.id] });
    // It receives the cancellation of the job that it named, and then its own job.
    expect(await evil.next()).toEqual({ type: "cancel", job: job.id });
    const own = await evil.job();
    expect(own.args.at(-1)).toBe("mine");
    const nothing = { reason: "internal", message: "evil" } as const;
    evil.log(job, "evil\n");
    evil.say({ type: "failed", job: job.id, failure: nothing });
    const result = { kind: "run", snapshot: "evil", bytes: 0, milliseconds: 0 } as const;
    evil.say({ type: "done", job: job.id, result });
    await evil.known();
    victim.close();
    await pause();
    // Lost jobs wait for their runner, whichever runner claims to be it.
    evil.hello({ instance: victim.instance, capacity: 9, jobs: [job.id] });
    evil.say({ type: "failed", job: job.id, failure: nothing });
    evil.say({ type: "done", job: job.id, result });
    await evil.known();
    await using back = await FakeRunner.dial({}, { before: victim });
    await back.finish(job, written);
    expect(await endOf(theirs)).toBe("done");
    const log = JSON.stringify(await eventsOf(theirs.id));
    expect(log).not.toContain("evil");
    await cancel(mine);
  });

  test("cannot read layers of another repository or data of another job", async () => {
    const other = await build({ ...dockerfile("COPY o /"), o: "of another" }, { t: "private" });
    const theirs = await start(dockerfile("RUN theirs 2"));
    await using victim = await FakeRunner.dial();
    const job = await victim.job();
    const mine = await start(dockerfile("RUN mine 2"), "only", { t: "mine" });
    await using evil = await beside(mine);
    const own = await evil.job();
    const layer = other.manifest.layers[0]?.digest ?? "";
    expect((await problemIn(await getLayer(own, layer))).code).toBe("object-unknown");
    for (const token of [own.token, mine.token]) {
      const forged = { id: job.id, token };
      expect((await problemIn(await getLayer(forged, layer))).code).toBe("job-denied");
      expect((await problemIn(await startLayer(forged))).code).toBe("job-denied");
    }
    await Promise.all([cancel(mine), cancel(theirs)]);
  });

  test("is disconnected when its build ends, and cannot reconnect", async () => {
    const started = await start(dockerfile("RUN ends"), "only");
    const protocols = `varve.runner, token.${started.token}`;
    await using own = await beside(started);
    const job = await own.work({ upper: written });
    expect(await endOf(started)).toBe("done");
    await own.closed;
    expect((await problemIn(await dial(protocols))).code).toBe("runner-denied");
    expect((await problemIn(await getObject(job, "blobs/sha256/any"))).code).toBe("job-denied");
    // An equal build that runs later has another token.
    const again = await start(dockerfile("RUN ends"), "only", { nocache: "1" });
    expect(again.token).not.toBe(started.token);
    expect((await problemIn(await dial(protocols))).code).toBe("runner-denied");
    await cancel(again);
  });

  test.each(["build-", `build-${"0".repeat(64)}`])("cannot connect with the token %s", async (token) => {
    expect((await problemIn(await dial(`varve.runner, token.${token}`))).code).toBe("runner-denied");
  });
});

test.each([
  [{ secret: "s" }, "a secret without a runner"],
  [{ runner: "mine" }, "a runner of an unknown kind"],
])("an offer of %j is rejected: %s", async (query: Record<string, string>, _) => {
  expect(await problemIn(await postBuild(dockerfile("RUN x"), query))).toMatchObject({
    status: 400,
    code: "invalid-request",
  });
});

test("a token that grants run for one repository of a build is not sufficient for the other", () => {
  const needs = JSON.stringify({ values: false, secrets: [], ssh: [], rights: [] });
  const job = { needs, only: 0, repositories: JSON.stringify(["team/a", "other/b"]) } as JobRow;
  const may = (...scopes: string[]) => mayHave({ kind: "pool", scopes }, job);
  expect([may("team/*"), may("team/*", "other/b"), may("**"), may()]).toEqual([false, true, true, false]);
});
