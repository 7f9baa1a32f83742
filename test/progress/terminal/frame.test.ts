import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../schemas/events.ts";
import { BuildProgress } from "../../../src/progress/build-progress.ts";
import { paintOf } from "../../../src/progress/terminal/colors.ts";
import { drawFrame } from "../../../src/progress/terminal/frame.ts";
import { widthOf } from "../../../src/progress/terminal/width.ts";
import { done, end, failure, log, output, start, step } from "../events.ts";

/** The state of a build after events at these times, in milliseconds. */
function stepsAfter(...events: [number, EventBody][]): BuildProgress {
  return BuildProgress.of(log(...events), { stepLines: 60 });
}

const options = { paint: paintOf({ NO_COLOR: "1" }), logLines: 6, server: "localhost:8787" };
const lines = (progress: BuildProgress, columns: number, now: number, rows = 24) =>
  drawFrame(progress, { columns, rows }, options, { elapsed: now, now });

const plan: EventBody = {
  type: "plan",
  steps: [step("a", "[1/3] COPY . /app"), step("b", "[2/3] RUN make"), step("c", "[3/3] RUN test")],
};

describe("a frame", () => {
  test("has a line for each started step, as wide as the terminal", () => {
    const steps = stepsAfter(
      [0, plan],
      [100, { type: "step.cached", step: "a" }],
      [200, { type: "step.start", step: "b" }],
      [900, { type: "step.log", step: "b", stream: "stdout", text: "one\ntwo\n" }],
    );
    expect(lines(steps, 60, 2700)).toEqual([
      "[+] Building 2.7s (1/3)                 varve:localhost:8787",
      " => CACHED [1/3] COPY . /app                            0.0s",
      " => [2/3] RUN make                                      2.5s",
      " => => # one",
      " => => # two",
    ]);
  });

  test("shows transfers, with a bar where there is room, and the rate", () => {
    const steps = stepsAfter(
      [0, { type: "plan", steps: [step("ctx", "[internal] load build context")] }],
      [0, { type: "step.start", step: "ctx" }],
      [0, { type: "step.progress", step: "ctx", message: "transferring:", current: 0, total: 30e6 }],
      [1500, { type: "step.progress", step: "ctx", message: "transferring:", current: 15e6, total: 30e6 }],
    );
    expect(lines(steps, 80, 2000)[2]).toBe(
      " => => transferring: 15.00MB / 30.00MB [==========          ] 7.50MB/s      2.0s",
    );
    expect(lines(steps, 60, 2000)[2]).toBe(" => => transferring: 15.00MB / 30.00MB 7.50MB/s         2.0s");
  });

  test("shows the size of a written layer, and the end of the build", () => {
    const layer = { mediaType: "", digest: "", size: 1_234_567 };
    const steps = stepsAfter(
      [0, plan],
      [0, { type: "step.start", step: "a" }],
      [500, { type: "step.done", step: "a", layer, milliseconds: 400, ...done }],
      [600, { type: "export", message: "", digest: "" }],
      [700, { type: "result", descriptor: layer, imageId: "", repository: "", tags: [] }],
    );
    expect(lines(steps, 60, 700)).toEqual([
      "[+] Building 0.7s (4/4) FINISHED        varve:localhost:8787",
      " => [1/3] COPY . /app                           1.23MB  0.4s",
      " => exporting to image                                  0.1s",
    ]);
  });

  test("has the last six lines of output of a step while it runs", () => {
    const text = Array.from({ length: 9 }, (_, i) => `line ${i}\n`).join("");
    const begun: [number, EventBody][] = [
      [0, plan],
      [0, start("b")],
      [10, output("b", text, "stderr")],
    ];
    const shown = [3, 4, 5, 6, 7, 8].map((i) => ` => => # line ${i}`);
    expect(lines(stepsAfter(...begun), 80, 10).slice(2)).toEqual(shown);
    const failed = lines(stepsAfter(...begun, [900, failure("b")]), 80, 1000);
    expect(failed[1]).toContain(" => ERROR [2/3] RUN make ");
    // Its output is printed below the last frame.
    expect(failed).toHaveLength(2);
    const cancelled = stepsAfter(...begun, [900, failure("b", "cancelled")]);
    expect(lines(cancelled, 80, 1000)[1]).toContain(" => CANCELED [2/3] RUN make ");
  });

  test("shows every running step with its seconds and output", () => {
    const steps = stepsAfter(
      [0, plan],
      [100, start("a")],
      [1100, start("b")],
      [1200, output("b", "b1\n")],
      [1300, output("a", "a1\n")],
      [1400, output("b", "b2\n")],
    );
    expect(lines(steps, 40, 2600).slice(1)).toEqual([
      " => [1/3] COPY . /app               2.5s",
      " => => # a1",
      " => [2/3] RUN make                  1.5s",
      " => => # b1",
      " => => # b2",
    ]);
  });

  test("shows what a step waits for", () => {
    const steps = stepsAfter(
      [0, plan],
      [5, { type: "step.waiting", step: "b", message: "waiting for a runner" }],
    );
    expect(lines(steps, 80, 10).at(-1)).toBe(" => => waiting for a runner");
  });

  test("omits finished steps first, then output, when the terminal has few lines", () => {
    const text = Array.from({ length: 9 }, (_, i) => `line ${i}\n`).join("");
    const steps = stepsAfter(
      [0, plan],
      [0, { type: "step.cached", step: "a" }],
      [0, { type: "step.start", step: "b" }],
      [0, { type: "step.start", step: "c" }],
      [0, { type: "step.log", step: "b", stream: "stdout", text }],
    );
    const low = lines(steps, 80, 0, 7);
    expect(low).toHaveLength(6);
    expect(low.map((line) => line.slice(0, 20).trimEnd())).toEqual([
      "[+] Building 0.0s (1",
      " => [2/3] RUN make",
      " => => # line 6",
      " => => # line 7",
      " => => # line 8",
      " => [3/3] RUN test",
    ]);
    // The other lines are for the steps that ended last.
    const ended = stepsAfter([0, plan], [0, start("b")], [1, end("a")], [2, end("c")]);
    expect(
      lines(ended, 80, 0, 4)
        .slice(1)
        .map((line) => line.slice(0, 20).trimEnd()),
    ).toEqual([" => [2/3] RUN make", " => [3/3] RUN test"]);
  });

  test("shortens the output of all running steps equally, and counts steps without room", () => {
    const text = Array.from({ length: 9 }, (_, i) => `line ${i}\n`).join("");
    const ids = Array.from({ length: 10 }, (_, i) => `${i}`);
    const steps = stepsAfter(
      ...ids.map((id) => [0, start(id)] as [number, EventBody]),
      ...ids.map((id) => [0, output(id, text)] as [number, EventBody]),
    );
    const shown = (rows: number) => lines(steps, 80, 0, rows).slice(1);
    expect(shown(42).filter((line) => line.includes("# line"))).toHaveLength(30);
    expect(shown(20)).toHaveLength(10);
    expect(shown(8)).toHaveLength(6);
    expect(shown(8).at(-1)).toBe(" => ... and 5 more running steps");
    expect(shown(2)).toEqual([]);
  });

  test("never has a line wider than the terminal, nor more lines than it has", () => {
    const name = fc.string({ unit: "grapheme", maxLength: 120 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constantFrom("run", "done", "cached"), fc.array(name)), { maxLength: 12 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 3, max: 40 }),
        (all, columns, rows) => {
          const events: [number, EventBody][] = [
            [0, { type: "plan", steps: all.map(([text], i) => step(`${i}`, text)) }],
          ];
          for (const [i, [, state, log]] of all.entries()) {
            events.push([0, start(`${i}`)]);
            for (const text of log) events.push([0, output(`${i}`, text)]);
            if (state === "done") events.push([0, end(`${i}`)]);
            if (state === "cached") events.push([0, { type: "step.cached", step: `${i}` }]);
          }
          const shown = lines(stepsAfter(...events), columns, 100_000, rows);
          expect(shown.length).toBeLessThan(rows);
          for (const line of shown) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

test("colours can be chosen or omitted", () => {
  expect(paintOf({})("error", "x")).toBe("\x1b[31mx\x1b[0m");
  expect(paintOf({})("cached", "x")).not.toBe(paintOf({})("run", "x"));
  const chosen = paintOf({ BUILDKIT_COLORS: "run=green:error=1,2,300:cancel=1,2,3:nothing=red" });
  expect(chosen("run", "x")).toBe("\x1b[32mx\x1b[0m");
  expect(chosen("error", "x")).toBe("\x1b[31mx\x1b[0m");
  expect(chosen("cancel", "x")).toBe("\x1b[38;2;1;2;3mx\x1b[0m");
  expect(paintOf({ NO_COLOR: "1", BUILDKIT_COLORS: "run=green" })("run", "x")).toBe("x");
});
