/// <reference types="@cloudflare/vitest-plugin/types" />
import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { FRONT_PEER } from "../../src/store/front-protocol.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { layerFiles } from "../helpers/layer-files.ts";
import { member } from "../tar/archive.ts";
import { dial, FakeRunner, getObject } from "./fake-runner.ts";
import { ask, builtBy, env, eventsOf, postBuild, problemIn, recordOf } from "./server.ts";

const run = (command: string, before = "COPY a /a"): ContextFiles => ({
  Dockerfile: `FROM scratch\n${before}\nRUN ${command}\n`,
  a: command,
});
const written = [member({ path: "f" }, "hi\n")];
const later = { prefer: "respond-async" };
const typesOf = async (id: string) => (await env.BUILDS.getByName(id).log()).map(({ type }) => type);
const idOf = async (answer: Promise<Response>) => (await answer).headers.get("varve-build") ?? "";

describe("runners", () => {
  test("that connect later receive waiting jobs", async () => {
    const building = postBuild(run("wait"), {}, later);
    const id = await idOf(building);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await using runner = await FakeRunner.dial();
    await runner.work({ upper: written });
    const waiting = (await eventsOf(id)).find(({ type }) => type === "step.waiting");
    expect(waiting).toMatchObject({ message: "waiting for a runner for linux/amd64; none is connected" });
  });

  test("receive jobs that they can execute, up to their capacity", async () => {
    await using amd = await FakeRunner.dial();
    await using arm = await FakeRunner.dial({ platforms: ["linux/arm64"], capacity: 2 });
    const builds = [
      postBuild(run("arm 1"), { platform: "linux/arm64" }, later),
      postBuild(run("arm 2"), { platform: "linux/arm64" }, later),
      postBuild(run("amd 1"), {}, later),
    ];
    const first = await amd.job();
    const fourth = await idOf(postBuild(run("amd 2"), {}, later));
    expect([(await arm.job()).platform, (await arm.job()).platform]).toEqual(["linux/arm64", "linux/arm64"]);
    const pool = "default";
    const published = async () => (await ask("/v1/runners")).json<{ runners: { platforms: string[] }[] }>();
    await expect
      .poll(async () => new Set((await published()).runners))
      .toEqual(
        new Set([
          { platforms: ["linux/amd64"], capacity: 1, containers: 0, labels: {}, allow: [], jobs: 1, pool },
          { platforms: ["linux/arm64"], capacity: 2, containers: 0, labels: {}, allow: [], jobs: 2, pool },
        ]),
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await amd.finish(first, []);
    await amd.work({ upper: [] });
    const waited = (await eventsOf(fourth)).filter(({ type }) => type === "step.waiting");
    expect(waited).toMatchObject([
      { message: "waiting for a runner for linux/amd64; the only one is busy", reason: "busy" },
    ]);
    for (const answer of builds) await ask(`/v1/builds/${await idOf(answer)}`, { method: "DELETE" });
  });

  test("receive only jobs with rights that they allow", async () => {
    await using _other = await FakeRunner.dial({ capacity: 4 });
    const files = { Dockerfile: `FROM scratch\nRUN --security=insecure ["x"]\nRUN --network=host ["y"]\n` };
    const denied = await postBuild(files, { allow: "network.host" });
    expect(await denied.json()).toMatchObject({
      title: "failed to load LLB: security.insecure is not allowed",
      errors: [{ line: 2 }],
    });
    const id = await idOf(postBuild(files, { allow: "network.host,security.insecure" }, later));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await using able = await FakeRunner.dial({ allow: ["security.insecure"] });
    const job = await able.job();
    expect(job).toMatchObject({ security: "insecure", args: ["x"] });
    await able.finish(job, []);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await using host = await FakeRunner.dial({ allow: ["network.host"] });
    expect(await host.job()).toMatchObject({ network: "host", args: ["y"] });
    await ask(`/v1/builds/${id}`, { method: "DELETE" });
    const waited = (await eventsOf(id)).flatMap((event) =>
      event.type === "step.waiting" ? event.message : [],
    );
    expect(waited).toEqual([
      "waiting for a runner for linux/amd64 that allows security.insecure; none is connected",
      "waiting for a runner for linux/amd64 that allows network.host; none is connected",
    ]);
  });

  test("that disconnect lose their jobs to others", async () => {
    const first = await FakeRunner.dial();
    const id = await idOf(postBuild(run("disconnect", ""), {}, later));
    const job = await first.job();
    first.close();
    await using second = await FakeRunner.dial();
    expect((await second.work({ upper: written })).id).toBe(job.id);
    const output = (await eventsOf(id)).flatMap((event) => (event.type === "step.log" ? event.text : []));
    expect(output).toEqual(["The runner was lost. The step starts again on another one.\n"]);
    expect(await (await ask(`/v1/builds/${id}`)).json()).toMatchObject({ state: "done" });
  }, 60_000);

  test("that reconnect in time keep their jobs and their snapshots", async () => {
    const first = await FakeRunner.dial();
    const building = postBuild(run("reconnect"));
    const job = await first.job();
    first.close();
    await using again = await FakeRunner.dial({}, { before: first });
    await again.finish(job, written);
    const { manifest } = await builtBy(await building);
    expect(await layerFiles(env, manifest.layers[0]?.digest)).toEqual({ a: "reconnect" });
  });

  test("that stop return their jobs to the queue, a limited number of times", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run("give back"));
    for (let times = 0; times < 3; times++)
      await runner.work({ failure: { reason: "cancelled", message: "the runner ends" } });
    expect((await problemIn(await building)).title).toContain("3 runners disappeared");
  });

  test("stop their jobs when a build is cancelled", async () => {
    await using runner = await FakeRunner.dial();
    const id = await idOf(postBuild(run("cancel"), {}, later));
    const job = await runner.job();
    await ask(`/v1/builds/${id}`, { method: "DELETE" });
    expect(await runner.next()).toEqual({ type: "cancel", job: job.id });
    expect(await recordOf(id)).toMatchObject({ state: "cancelled" });
    expect((await problemIn(await getObject(job, "contexts/any"))).code).toBe("job-denied");
  });

  test("receive a job again after a crash of the server, unless its result was stored", async () => {
    const before = await FakeRunner.dial();
    const id = await idOf(postBuild({ Dockerfile: "FROM scratch\nRUN first\nRUN second\n" }, {}, later));
    await before.work({ upper: written });
    expect((await before.job()).args[2]).toBe("second");
    await expect.poll(() => typesOf(id)).toContain("step.stored");
    await abortAllDurableObjects();
    await recordOf(id);
    await using after = await FakeRunner.dial();
    expect((await after.work({ upper: [] })).args[2]).toBe("second");
    await eventsOf(id);
    expect(await recordOf(id)).toMatchObject({ state: "done" });
  });

  test("keep unstored results during a crash of the server", async () => {
    const before = await FakeRunner.dial();
    before.manual.add("layer");
    const id = await idOf(postBuild({ Dockerfile: "FROM scratch\nRUN 1st\nRUN 2nd\n" }, {}, later));
    await before.work({ upper: written });
    expect((await before.task("layer")).task.layers).toEqual([]);
    expect((await before.job()).args[2]).toBe("2nd");
    await expect.poll(() => before.handled.map(({ type }) => type)).toContain("keep");
    await abortAllDurableObjects();
    await recordOf(id);
    await using after = await FakeRunner.dial({ jobs: [] }, { before });
    expect((await after.work({ upper: [] })).args[2]).toBe("2nd");
    await eventsOf(id);
    expect(await recordOf(id)).toMatchObject({ state: "done" });
  });

  test("that send invalid messages are disconnected", async () => {
    for (const text of ["{", '{"type":"hi"}', "x".repeat(2 ** 20 + 1)]) {
      const socket = (await dial("varve.runner")).webSocket;
      if (socket === null) throw new Error("there is no socket");
      socket.accept();
      const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
      socket.send(text);
      expect((await closed).code).toBe(1008);
    }
  });
});

describe("authorisation", () => {
  test.each([
    [400, "protocol-unknown", "other", "/v1/runners", {}],
    [401, "runner-denied", "varve.runner", "http://varve.example.com/v1/runners", {}],
    [401, "runner-denied", "varve.runner", "/v1/runners", { [FRONT_PEER]: "192.0.2.1" }],
    [403, "cross-origin-write", "varve.runner", "/v1/runners", { origin: "https://evil.example.com" }],
  ])("of a runner: %i %s", async (status, code, protocols, url, headers) => {
    expect(await problemIn(await dial(protocols, url, headers))).toMatchObject({ status, code });
  });
});
