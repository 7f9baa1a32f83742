import { expect, test } from "vitest";
import type { Env } from "../../src/worker/environment.ts";
import { callObject } from "../../src/worker/http/object-interrupted.ts";
import { problemOf } from "../../src/worker/http/problem.ts";
import { RemoteRunners } from "../../src/worker/runners/remote-runners.ts";

/** As the runtime marks it. */
const reset = () =>
  Object.assign(new Error("Durable Object reset because its code was updated."), {
    durableObjectReset: true,
  });

/** An object that a deploy replaces during the first call of each method. */
function replacedObject(answers: Readonly<Record<string, unknown>>) {
  const called: string[] = [];
  const object = new Proxy(
    {},
    {
      get: (_, name: string) => async () => {
        called.push(name);
        if (called.filter((other) => other === name).length === 1) throw reset();
        return answers[name];
      },
    },
  );
  return { called, env: { RUNNERS: { getByName: () => object } } as unknown as Env };
}

const owner = {
  build: "b".repeat(64),
  repositories: ["team/app"],
  scope: "team/app",
  only: false,
  server: "https://varve.test",
};

test("a build survives that the object of the runners is replaced in any of its calls", async () => {
  const progress = {
    state: "done",
    capable: 1,
    isAwaited: false,
    isConfined: false,
    isTransient: false,
    logs: [],
    instance: "one",
    result: { kind: "select", digests: [] },
  };
  const { env, called } = replacedObject({ find: { found: [] }, follow: progress });
  const runners = new RemoteRunners(env, owner);
  await runners.forgetJobs();
  expect(await runners.find(["name"], () => {})).toEqual(new Map());
  await runners.keep({ runner: "one", id: "snapshot" } as Parameters<RemoteRunners["keep"]>[0], ["name"]);
  const watcher = { log() {}, waiting() {}, signal: new AbortController().signal };
  const outcome = await runners.execute<"select">(
    { kind: "select", sources: [] },
    { platform: "linux/amd64", watcher },
  );
  expect(outcome).toMatchObject({ runner: "one", result: { kind: "select" } });
  // A build does not wait for the release of a job that has ended.
  for (const name of ["releaseAll", "find", "keep", "offer", "follow", "release"])
    await expect
      .poll(() => called.filter((other) => other === name).length, { message: name })
      .toBeGreaterThan(1);
});

test("an object that lacks a method is of another version: the caller may try again later", async () => {
  const missing = new TypeError('The RPC receiver does not implement the method "read".');
  let calls = 0;
  const call = callObject(async () => {
    calls += 1;
    throw missing;
  });
  await expect(call).rejects.toBe(missing);
  expect(calls).toBe(1);
  expect(problemOf(missing)).toMatchObject({ status: 503, code: "part-restarted" });
});

test("other errors of an object are not repeated", async () => {
  let calls = 0;
  const call = callObject(async () => {
    calls += 1;
    throw new Error("a fault");
  });
  await expect(call).rejects.toThrow("a fault");
  expect(calls).toBe(1);
});
