import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../schemas/events.ts";
import { paintOf } from "../../../src/cli/tty/colors.ts";
import { bytes, frame } from "../../../src/cli/tty/frame.ts";
import { BuildSteps } from "../../../src/cli/tty/steps.ts";
import { widthOf } from "../../../src/cli/tty/width.ts";

const step = (id: string, name = id) => ({ id, name, stage: "", platform: "", lines: { start: 1, end: 1 } });
const done = { reused: false, why: "", differences: [] };

/** Steps after events that came at these moments, in milliseconds. */
function stepsAfter(...events: [number, EventBody][]): BuildSteps {
  const steps = new BuildSteps();
  for (const [at, body] of events) steps.take({ seq: 0, time: at, ...body } as never, at);
  return steps;
}

const options = { paint: paintOf({ NO_COLOR: "1" }), logLines: 6, began: 0, server: "localhost:8787" };
const lines = (steps: BuildSteps, columns: number, now: number, rows = 24) =>
  frame(steps, { columns, rows }, options, now);

const plan: EventBody = {
  type: "plan",
  steps: [step("a", "[1/3] COPY . /app"), step("b", "[2/3] RUN make"), step("c", "[3/3] RUN test")],
};

describe("a frame", () => {
  test("has a line for each step that was begun, as wide as the terminal", () => {
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

  test("shows what is sent, with a bar where there is room, and the rate", () => {
    const steps = stepsAfter(
      [0, { type: "plan", steps: [step("ctx", "[internal] load build context")] }],
      [0, { type: "step.start", step: "ctx" }],
      [0, { type: "step.progress", step: "ctx", message: "transferring:", current: 0, total: 30e6 }],
      [1500, { type: "step.progress", step: "ctx", message: "transferring:", current: 15e6, total: 30e6 }],
    );
    expect(lines(steps, 80, 2000)[2]).toBe(
      " => => transferring: 15.0MB / 30.0MB [==========          ] 7.50MB/s        2.0s",
    );
    expect(lines(steps, 60, 2000)[2]).toBe(" => => transferring: 15.0MB / 30.0MB 7.50MB/s           2.0s");
  });

  test("says how large the layer is that was written, and that all is done", () => {
    const layer = { mediaType: "", digest: "", size: 1_234_567 };
    const steps = stepsAfter(
      [0, plan],
      [0, { type: "step.start", step: "a" }],
      [500, { type: "step.done", step: "a", layer, milliseconds: 400, ...done }],
      [600, { type: "export", message: "", digest: "" }],
      [700, { type: "result", descriptor: layer, imageId: "", repository: "", tags: [] }],
    );
    expect(lines(steps, 60, 700)).toEqual([
      "[+] Building 0.7s (2/4) FINISHED        varve:localhost:8787",
      " => [1/3] COPY . /app                           1.23MB  0.4s",
      " => exporting to image                                  0.1s",
    ]);
  });

  test("keeps the last six lines of output while a step runs, and what failed", () => {
    const text = Array.from({ length: 9 }, (_, i) => `line ${i}\n`).join("");
    const begun: [number, EventBody][] = [
      [0, plan],
      [0, { type: "step.start", step: "b" }],
      [10, { type: "step.log", step: "b", stream: "stderr", text }],
    ];
    const problem = { type: "about:blank", title: "x", status: 400, code: "run-failed" };
    const shown = [3, 4, 5, 6, 7, 8].map((i) => ` => => # line ${i}`);
    expect(lines(stepsAfter(...begun), 80, 10).slice(2)).toEqual(shown);
    const failed = stepsAfter(...begun, [900, { type: "error", step: "b", problem }]);
    expect(lines(failed, 80, 1000)[1]).toContain(" => ERROR [2/3] RUN make ");
    expect(lines(failed, 80, 1000).slice(2)).toEqual(shown);
    const cancelled = stepsAfter(...begun, [
      900,
      { type: "error", step: "b", problem: { ...problem, code: "cancelled" } },
    ]);
    expect(lines(cancelled, 80, 1000)[1]).toContain(" => CANCELED [2/3] RUN make ");
  });

  test("says what a step waits for", () => {
    const steps = stepsAfter(
      [0, plan],
      [5, { type: "step.waiting", step: "b", message: "waiting for a runner" }],
    );
    expect(lines(steps, 80, 10).at(-1)).toBe(" => => waiting for a runner");
  });

  test("leaves out finished steps first, then output, where the terminal is low", () => {
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
  });

  test("never has a line wider than the terminal, nor more lines than it has", () => {
    const name = fc.string({ unit: "grapheme", maxLength: 120 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constantFrom("run", "done", "cached"), fc.array(name)), { maxLength: 12 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 3, max: 40 }),
        (all, columns, rows) => {
          const steps = new BuildSteps();
          const take = (body: EventBody) => steps.take({ seq: 0, time: 0, ...body } as never, 0);
          take({ type: "plan", steps: all.map(([text], i) => step(`${i}`, text.replace(/\p{C}/gu, ""))) });
          for (const [i, [, state, log]] of all.entries()) {
            take({ type: "step.start", step: `${i}` });
            for (const text of log) take({ type: "step.log", step: `${i}`, stream: "stdout", text });
            if (state === "done") take({ type: "step.done", step: `${i}`, milliseconds: 1, ...done });
            if (state === "cached") take({ type: "step.cached", step: `${i}` });
          }
          const shown = frame(steps, { columns, rows }, options, 100_000);
          expect(shown.length).toBeLessThan(rows);
          for (const line of shown) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

test.each<[number, string]>([
  [0, "0B"],
  [999, "999B"],
  [1000, "1.00kB"],
  [12_345, "12.3kB"],
  [999_999, "1.00MB"],
  [431e6, "431MB"],
])("%d bytes are %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

test("colours can be chosen, and left out", () => {
  expect(paintOf({})("error", "x")).toBe("\x1b[31mx\x1b[0m");
  expect(paintOf({})("cached", "x")).not.toBe(paintOf({})("run", "x"));
  const chosen = paintOf({ BUILDKIT_COLORS: "run=green:error=1,2,300:cancel=1,2,3:nothing=red" });
  expect(chosen("run", "x")).toBe("\x1b[32mx\x1b[0m");
  expect(chosen("error", "x")).toBe("\x1b[31mx\x1b[0m");
  expect(chosen("cancel", "x")).toBe("\x1b[38;2;1;2;3mx\x1b[0m");
  expect(paintOf({ NO_COLOR: "1", BUILDKIT_COLORS: "run=green" })("run", "x")).toBe("x");
});
