import { expect, test } from "vitest";
import type { EventBody } from "../../../schemas/events.ts";
import { explain } from "../../../src/engine/explain/explain.ts";
import { BuildProgress } from "../../../src/progress/build-progress.ts";
import { cached, failure, local, log, plan, result, start, step, waiting } from "../../progress/events.ts";

const steps = plan(step("a"), step("b"), step("c"), step("d", "d", ["a"]), step("e"), step("f"));
const difference = { part: "file", name: "x" };
const events: [number, EventBody][] = [
  [0, steps],
  [1, cached("a")],
  [
    2,
    {
      type: "step.done",
      step: "b",
      milliseconds: 1,
      reused: false,
      why: "x changed",
      differences: [difference],
    },
  ],
  [3, start("c")],
  [4, start("e")],
  [5, waiting("e")],
];

const statuses = (...bodies: [number, EventBody][]) =>
  explain("id", BuildProgress.of(log(...events, ...bodies))).steps.map(
    ({ id, status, why }) => `${id} ${status}: ${why}`,
  );

test("explains the finished steps of a running build", () => {
  expect(statuses()).toEqual([
    "a hit: The step and its inputs have not changed.",
    "b miss: x changed",
    "c miss: The step is running.",
    "d unknown: The step has not started.",
    "e miss: The step waits for a runner.",
    "f unknown: The step has not started.",
  ]);
});

test("a build that failed is explained with the steps that ran then", () => {
  expect(statuses([9, failure("c")]).slice(2)).toEqual([
    "c miss: The step failed.",
    "d unknown: The build ended before the step.",
    "e miss: The step was cancelled.",
    "f unknown: The build ended before the step.",
  ]);
});

test("steps that never started were not needed if the build succeeded; steps of the client are left out", () => {
  const progress = BuildProgress.of([local(0, plan(step("context"))), ...log(...events, [9, result])]);
  const { steps: explained } = explain("id", progress);
  expect(explained.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(explained.at(-1)).toMatchObject({ status: "not needed", differences: [] });
  expect(explained[1]?.differences).toEqual([difference]);
});
