import { describe, expect, test } from "vitest";
import { type RunnerInfo, runnerList } from "../../schemas/runner-list.ts";
import { objectByName, type Placement, singleObject } from "../../src/worker/placement.ts";
import { idIn, poolFor, poolOfId, poolsOf } from "../../src/worker/runners/pools.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { member } from "../tar/archive.ts";
import { beside, cancel, endOf, start } from "./client-builds.ts";
import { dial, FakeRunner, startLayer } from "./fake-runner.ts";
import { ask, type env, problemIn } from "./server.ts";

const ofPool = "/v1/runners?pool=team-eu";
const written = [member({ path: "f" }, "hi\n")];
const steps = (text: string): ContextFiles => ({ Dockerfile: `FROM scratch\nRUN ${text}\n` });
const listed = async (): Promise<RunnerInfo[]> =>
  runnerList.parse(await (await ask("/v1/runners")).json()).runners;

describe("a pool of runners", () => {
  test("serves the builds of its repositories, and no others", async () => {
    await using eu = await FakeRunner.dial({ labels: { name: "eu" } }, { url: ofPool });
    await using other = await FakeRunner.dial({ labels: { name: "other" } });
    const runners = (await listed()).map(({ pool, labels }) => [pool, labels.name]);
    expect(runners.sort()).toEqual([
      ["default", "other"],
      ["team-eu", "eu"],
    ]);
    const inside = await start(steps("inside"), undefined, { t: "in-pool/app" });
    const outside = await start(steps("outside"), undefined, { t: "outside" });
    const both = await start(steps("both"), undefined, { t: "outside-too" });
    const job = await eu.job();
    expect(job.args.at(-1)).toBe("inside");
    expect(job.id).toMatch(/^team-eu\.[0-9a-f]{16}-/);
    await eu.finish(job, written);
    for (const text of ["outside", "both"]) {
      const next = await other.job();
      expect(next.args.at(-1)).toBe(text);
      expect(next.id).toMatch(/^[0-9a-f]{16}-/);
      await other.finish(next, written);
    }
    expect([await endOf(inside), await endOf(outside), await endOf(both)]).toEqual(["done", "done", "done"]);
  });

  test("does not execute steps that wait for another pool", async () => {
    await using _other = await FakeRunner.dial();
    const started = await start(steps("waits"), undefined, { t: "in-pool/waits" });
    const health = async () => JSON.stringify(await (await ask("/v1/health")).json());
    await expect
      .poll(health, { timeout: 20_000 })
      .toContain("1 step waits in the pool team-eu, and no runner is connected");
    const metrics = await (await ask("/metrics")).text();
    expect(metrics).toContain('varve_jobs_queued{pool="team-eu"} 1\n');
    expect(metrics).toContain('varve_jobs_queued{pool="default"} 0\n');
    expect(metrics).toContain('varve_runners{pool="default"} 1\n');
    await cancel(started);
  });

  test("has the runners of clients that build its repositories", async () => {
    const started = await start(steps("own"), "only", { t: "in-pool/own" });
    expect(started.token).toMatch(/^build-team-eu\.[0-9a-f]+$/);
    await using own = await beside(started);
    await own.work({ upper: written });
    expect(await endOf(started)).toBe("done");
  });

  test("that does not exist has no runners and no jobs", async () => {
    const problem = await problemIn(await dial("varve.runner", "/v1/runners?pool=elsewhere"));
    expect(problem).toMatchObject({
      code: "runner-denied",
      detail: 'Cannot connect the runner: the server has no pool "elsewhere"',
      hint: "Start it with --pool and one of team-eu, default.",
    });
    const withToken = await problemIn(await dial("varve.runner, token.build-elsewhere.0123456789"));
    expect(withToken.detail).toContain("its pool no longer exists");
    expect((await problemIn(await startLayer({ id: "elsewhere.job", token: "t" }))).code).toBe("job-denied");
    const terminal = await ask("/v1/containers/elsewhere.container-1", {
      headers: { upgrade: "websocket", "sec-websocket-protocol": "varve.terminal, token.t" },
    });
    expect((await problemIn(terminal)).code).toBe("terminal-denied");
    const port = await ask("/v1/containers/elsewhere.container-1/ports/t/80/");
    expect((await problemIn(port)).code).toBe("port-unknown");
  });
});

describe("the settings of pools", () => {
  const variables = {
    VARVE_LOCATION: "enam",
    VARVE_POOLS: JSON.stringify({
      first: { repositories: ["a/*", "b/*"], location: "weur" },
      second: { repositories: ["b/**"] },
    }),
  };

  test.each([
    [["a/app"], "first"],
    [["b/app"], "first"],
    [["b/deep/app"], "second"],
    [["a/app", "b/app"], "first"],
    [["a/app", "b/deep/app"], "default"],
    [["b/app", "b/deep/app"], "second"],
    [["other"], "default"],
  ])("builds of %j belong to %s", (repositories, name) =>
    expect(poolFor(repositories, variables).name).toBe(name),
  );

  test("give each pool a location", () => {
    const locations = [...poolsOf(variables).values()].map(({ name, location }) => [name, location]);
    expect(locations).toEqual([
      ["first", "weur"],
      ["second", "enam"],
      ["default", "enam"],
    ]);
  });

  test("do not change ids of the default pool", () => {
    const [first, , last] = [...poolsOf(variables).values()];
    if (first === undefined || last === undefined) throw new Error("A pool is missing");
    expect([idIn(first, "x-1"), idIn(last, "x-1")]).toEqual(["first.x-1", "x-1"]);
    expect(["first.x-1", "x-1", "third.x"].map((id) => poolOfId(id, variables)?.name)).toEqual([
      "first",
      "default",
      undefined,
    ]);
  });

  test.each([
    ["{", "VARVE_POOLS"],
    ['{"default":{"repositories":["a"]}}', "the pool default, which always exists"],
    ['{"a.b":{"repositories":["a"]}}', "a name that is not of lowercase letters"],
    ['{"a":{"repositories":[]}}', "repositories"],
    ['{"a":{"repositories":["a"],"location":"mars"}}', "location"],
    ['{"a":{"repositories":["a"],"unknown":1}}', "unknown"],
  ])("%s are rejected", (text, message) => expect(() => poolsOf({ VARVE_POOLS: text })).toThrow(message));
});

describe("the place of an object", () => {
  /** The options with which a namespace returns an object. */
  function asked(placement: Placement, where?: string): unknown[] {
    const calls: unknown[] = [];
    const namespace = {
      jurisdiction(name: string) {
        calls.push(name);
        return namespace;
      },
      getByName: (...given: unknown[]) => calls.push(...given.filter((value) => value !== undefined)),
    } as unknown as typeof env.RUNNERS;
    if (where === undefined) singleObject(namespace, "name", placement);
    else objectByName(namespace, "name", placement, where);
    return calls;
  }

  test.each([
    [{}, undefined, ["name"]],
    [{ VARVE_LOCATION: "weur" }, undefined, ["name", { locationHint: "weur" }]],
    [{ VARVE_JURISDICTION: "eu" }, undefined, ["eu", "name"]],
    [{ VARVE_JURISDICTION: "", VARVE_LOCATION: "" }, undefined, ["name"]],
    [{ VARVE_LOCATION: "weur", VARVE_JURISDICTION: "eu" }, "eeur", ["eu", "name", { locationHint: "eeur" }]],
    [{ VARVE_LOCATION: "weur" }, "", ["name"]],
  ])("with %j and %s is requested by %j", (placement, where, calls) =>
    expect(asked(placement, where)).toEqual(calls),
  );

  test("must be a location or jurisdiction of Cloudflare", () => {
    expect(() => asked({ VARVE_LOCATION: "mars" })).toThrow('"mars" is not one of wnam, enam');
    expect(() => asked({ VARVE_JURISDICTION: "mars" })).toThrow('"mars" is not one of eu, fedramp');
  });
});
