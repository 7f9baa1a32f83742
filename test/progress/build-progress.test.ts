import { describe, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { BuildProgress } from "../../src/progress/build-progress.ts";
import {
  cached,
  end,
  failure,
  layer,
  local,
  log,
  output,
  plan,
  result,
  start,
  step,
  transfer,
  waiting,
} from "./events.ts";

const two = plan(step("a", "[one 1/1] RUN a", []), step("b", "[two 1/1] RUN b", ["a"]));

/** The states of steps by id. */
const statesOf = ({ steps }: BuildProgress) =>
  Object.fromEntries([...steps].map(([id, { state }]) => [id, state]));

describe("the state of a step", () => {
  test("is pending, waits, runs and is done, with its times", () => {
    const events = log(
      [0, two],
      [10, start("a")],
      [20, waiting("a")],
      [300, { type: "step.running", step: "a" }],
      [
        1300,
        {
          type: "step.done",
          step: "a",
          milliseconds: 1290,
          processMilliseconds: 900,
          reused: true,
          why: "w",
          differences: [],
        },
      ],
      [1400, { type: "step.stored", step: "a", layer }],
    );
    const progress = new BuildProgress();
    const seen = events.map((event) => {
      progress.add(event);
      const { state, waiting: reason } = progress.steps.get("a") ?? {};
      return [state, reason];
    });
    expect(seen).toEqual([
      ["pending", undefined],
      ["running", undefined],
      ["waiting", "waiting for a runner"],
      ["running", undefined],
      ["done", undefined],
      ["done", undefined],
    ]);
    expect(progress.steps.get("a")).toMatchObject({
      started: 10,
      milliseconds: 1290,
      isReused: true,
      why: "w",
      layer,
    });
    expect(progress.time).toBe(1400);
  });

  test("counts the bytes that it reads and writes", () => {
    const progress = BuildProgress.of(
      log(
        [0, two],
        [10, start("a")],
        [20, transfer("a", 0, 100)],
        [50, transfer("a", 40, 100)],
        [60, transfer("a", 7, undefined, "sent")],
      ),
    );
    expect([...(progress.steps.get("a")?.transfers ?? [])]).toEqual([
      ["reading", { current: 40, total: 100, started: 20 }],
      ["sent", { current: 7, total: undefined, started: 60 }],
    ]);
  });

  test("runs again when its result was lost", () => {
    const progress = BuildProgress.of(log([0, two], [1, start("a")], [9, end("a", 8)], [20, start("a")]));
    expect(progress.steps.get("a")).toMatchObject({ state: "running", started: 20, milliseconds: undefined });
    expect(progress.started).toHaveLength(1);
  });

  test("is failed for the step that failed and cancelled for the others", () => {
    const events = [two, start("a"), start("b"), failure("a")];
    const progress = BuildProgress.of(
      log(...events.map((body, index) => [index * 100, body] as [number, typeof body])),
    );
    expect(statesOf(progress)).toEqual({ a: "failed", b: "cancelled" });
    expect(progress.steps.get("b")?.milliseconds).toBe(100);
    expect(progress).toMatchObject({ status: "failed", problem: { detail: "exit code: 1" } });
    const cancelled = BuildProgress.of(log([0, two], [1, start("a")], [2, failure("a", "cancelled")]));
    expect(statesOf(cancelled)).toEqual({ a: "cancelled", b: "cancelled" });
    expect(cancelled.status).toBe("cancelled");
  });

  test("is unneeded when all its readers have their results, and when the build has ended", () => {
    const steps = plan(
      step("image", "FROM x", []),
      step("a", "a", ["image"]),
      step("b", "b", ["a"]),
      step("c", "c", []),
    );
    const progress = BuildProgress.of(log([0, steps], [1, start("c")], [2, cached("b")]));
    expect(statesOf(progress)).toEqual({ image: "unneeded", a: "unneeded", b: "cached", c: "running" });
    expect([progress.ended, progress.total]).toEqual([3, 4]);
    // It may still start.
    progress.add({ seq: 9, time: 9, ...start("image") } as BuildEvent);
    expect(statesOf(progress).image).toBe("running");
    const ended = BuildProgress.of(log([0, plan(step("a"), step("b"))], [1, cached("b")], [2, result]));
    expect(statesOf(ended)).toEqual({ a: "unneeded", b: "cached" });
  });
});

describe("the export", () => {
  test("starts when the last step has ended", () => {
    const progress = BuildProgress.of(
      log([0, two], [1, start("a")], [5, end("a")], [6, start("b")], [90, end("b")]),
    );
    expect(progress.export).toMatchObject({ state: "running", started: 90 });
    progress.add({ seq: 9, time: 130, type: "export", message: "exporting manifest x done", digest: "x" });
    progress.add({ seq: 10, time: 140, ...result } as BuildEvent);
    expect(progress.export).toMatchObject({ state: "done", milliseconds: 50 });
    expect(progress.result).toMatchObject({ tags: ["app:latest"] });
  });

  test("waits for a step whose layer is still written although its readers have ended", () => {
    const events = log([0, two], [1, start("a")], [2, start("b")], [3, end("b")]);
    const progress = BuildProgress.of(events);
    expect(progress.export).toBeUndefined();
    progress.add({ seq: 5, time: 8, ...end("a") } as BuildEvent);
    expect(progress.export).toMatchObject({ state: "running", started: 8 });
  });

  test("starts with its first event where inputs are not known", () => {
    const progress = BuildProgress.of(log([0, plan(step("a"))], [5, end("a")]));
    expect(progress.export).toBeUndefined();
    progress.add({ seq: 3, time: 9, type: "export", message: "x", digest: "x" });
    expect(progress.export?.started).toBe(9);
  });
});

test("steps of the client are on the same time line, and continue after the result", () => {
  const push = plan(step("push"));
  const progress = BuildProgress.of([
    local(100, plan(step("context"))),
    local(100, start("context")),
    local(2100, end("context", 2000)),
    ...log([0, two], [50, start("b")], [3000, result]),
    local(9000, push),
    local(9000, start("push")),
  ]);
  const { started } = progress.steps.get("b") ?? {};
  expect(started).toBe(2150);
  expect(progress.steps.get("push")).toMatchObject({ state: "running", isLocal: true });
  expect(progress.steps.get("push")?.started).toBe(9000);
  expect(progress.status).toBe("done");
});

test("a later plan adds steps and changes none", () => {
  const progress = BuildProgress.of(log([0, two], [1, start("a")], [2, plan(step("a", "again"), step("c"))]));
  expect(statesOf(progress)).toEqual({ a: "running", b: "pending", c: "pending" });
});

test("events of unknown types, and of steps that no plan has, are ignored", () => {
  const unknown = { seq: 3, time: 70, type: "step.frozen", step: "a", reason: 7 } as unknown as BuildEvent;
  const events = [...log([0, two], [10, start("a")]), unknown];
  const known = BuildProgress.of(events.slice(0, 2));
  const progress = BuildProgress.of(events);
  expect([...progress.steps]).toEqual([...known.steps]);
  expect(progress.add(unknown)).toEqual([]);
  expect(BuildProgress.of(log([0, output("x", "hello\n")])).steps.get("x")).toMatchObject({
    name: "x",
    state: "running",
  });
});

describe("lines", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `${index}\n`).join("");

  test("of a step are kept up to a limit, and dropped when it succeeds", () => {
    const progress = BuildProgress.of(log([0, two], [5, start("a")], [7, output("a", lines(25))]), {
      stepLines: 10,
    });
    const { output: kept } = progress.steps.get("a") ?? {};
    expect(kept?.last().map(({ text }) => text)).toEqual([
      "15",
      "16",
      "17",
      "18",
      "19",
      "20",
      "21",
      "22",
      "23",
      "24",
    ]);
    expect([kept?.count, kept?.dropped]).toEqual([25, 15]);
    progress.add({ seq: 4, time: 9, ...end("a") } as BuildEvent);
    expect(kept?.last()).toEqual([]);
  });

  test("of a failed step are kept", () => {
    const events = log([0, two], [5, start("a")], [7, output("a", "x\n", "stderr")], [8, failure("a")]);
    expect(BuildProgress.of(events, { stepLines: 3 }).steps.get("a")?.output.last()).toEqual([
      { stream: "stderr", text: "x", time: 7 },
    ]);
  });

  test("of the build name their steps", () => {
    const events = log(
      [0, two],
      [5, start("a")],
      [6, start("b")],
      [7, output("b", "x\ny\n")],
      [8, output("a", "z")],
    );
    const progress = BuildProgress.of(events, { logLines: 10 });
    expect(progress.log.last().map(({ step: of, kind, text }) => [of?.info.id, kind, text])).toEqual([
      ["a", "step", "[one 1/1] RUN a"],
      ["b", "step", "[two 1/1] RUN b"],
      ["b", "stdout", "x"],
      ["b", "stdout", "y"],
      ["a", "stdout", "z"],
    ]);
  });
});

/** A build of concurrent steps, each of which reads the previous one. */
function largeBuild(count: number): BuildEvent[] {
  const ids = Array.from({ length: count }, (_, index) => `${index}`);
  const infos = ids.map((id, index) => step(id, `RUN ${id}`, index === 0 ? [] : [`${index - 1}`]));
  const bodies = [
    plan(...infos),
    ...ids.map(start),
    ...ids.map((id) => output(id, "x\n")),
    ...ids.map((id) => end(id)),
    result,
  ];
  return bodies.map((body, index) => ({ seq: index + 1, time: index, ...body }) as BuildEvent);
}

test("the time for a build is linear in its events; quadratic time would be minutes", () => {
  const count = 50_000;
  const events = largeBuild(count);
  const began = performance.now();
  const progress = BuildProgress.of(events, { logLines: 100, stepLines: 10 });
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(progress.ended).toBe(count + 1);
});
