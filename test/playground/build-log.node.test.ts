import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { BuildLog } from "../../src/playground/building/build-log.ts";
import { stepsOfBuild } from "../../src/playground/building/step-view.ts";
import { cached, end, failure, log, output, plan, start, step, waiting } from "../progress/events.ts";

const stages = plan(
  step("a", "[one 1/1] RUN a", []),
  step("b", "[two 1/1] RUN b", []),
  step("c", "[3/3] COPY c /", ["a", "b"]),
);

test("concurrent steps have separate times and last lines", () => {
  const build = new BuildLog();
  const lines = Array.from({ length: 9 }, (_, index) => `b${index}\n`).join("");
  const events = log(
    [0, stages],
    [1000, start("a")],
    [3000, start("b")],
    [4000, output("b", lines)],
    [5000, waiting("a")],
  );
  for (const event of events) build.add(event);
  const [a, b, c] = stepsOfBuild(build);
  expect([a?.status, b?.status, c?.status]).toEqual(["waiting", "running", "pending"]);
  expect(a?.waiting).toBe("waiting for a runner");
  expect(b?.output?.map(({ text }) => text)).toEqual(["b3", "b4", "b5", "b6", "b7", "b8"]);
  expect((b?.runningSince ?? 0) - (a?.runningSince ?? 0)).toBe(2000);
  expect(Math.abs((b?.runningSince ?? 0) + 2000 - Date.now())).toBeLessThan(20_000);
  expect(c?.runningSince).toBeUndefined();
});

test("a view is updated with each change, and a failed step keeps its last lines", () => {
  const build = new BuildLog();
  const seen: string[] = [];
  const stop = effect(() => {
    seen.push(
      stepsOfBuild(build)
        .map(({ status }) => status)
        .join(" "),
    );
  });
  const events = log(
    [0, stages],
    [1, cached("a")],
    [2, start("b")],
    [3, output("b", "no\n")],
    [4, failure("b")],
  );
  for (const event of events) build.add(event);
  stop();
  expect(seen).toEqual([
    "",
    "pending pending pending",
    "hit pending pending",
    "hit running pending",
    "hit running pending",
    "hit failed cancelled",
  ]);
  expect(stepsOfBuild(build)[1]?.output).toMatchObject([{ text: "no" }]);
  expect(build.isDone.value).toBe(true);
});

test("the log has the lines of all steps in their order, with the numbers of the steps", () => {
  const build = new BuildLog();
  const events = log(
    [0, stages],
    [1, start("a")],
    [2, start("b")],
    [3, output("b", "b\n")],
    [4, output("a", "a\n")],
    [5, end("b")],
  );
  for (const event of events) build.add(event);
  const lines = build.lines.last().map(({ step: of, text }) => [of && build.numbers.value.get(of), text]);
  expect(lines).toEqual([
    [1, "[one 1/1] RUN a"],
    [2, "[two 1/1] RUN b"],
    [2, "b"],
    [1, "a"],
  ]);
  expect(build.lineCount.value).toBe(4);
});
