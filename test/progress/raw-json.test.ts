import { expect, test } from "vitest";
import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import { RawJson } from "../../src/progress/raw-json.ts";
import { sha256 } from "../../src/streams/sha256.ts";

const step = {
  id: "1",
  name: "[1/2] COPY a b",
  stage: "",
  platform: "linux/amd64",
  lines: { start: 2, end: 2 },
};
const began = Date.parse("2026-01-01T00:00:00Z");

function render(...bodies: EventBody[]): unknown[] {
  const progress = new RawJson(began);
  return bodies.flatMap((body, seq) => {
    const line = progress.add({ seq: seq + 1, time: seq * 1000, ...body } as BuildEvent);
    return line === "" ? [] : [JSON.parse(line)];
  });
}

test("a step is a vertex that is written again when it changes", () => {
  const done = { reused: false, milliseconds: 5, why: "", differences: [] };
  const vertex = { digest: sha256("1"), name: step.name };
  const [plan, start, progress, end] = render(
    { type: "plan", steps: [step] },
    { type: "step.start", step: "1" },
    { type: "step.progress", step: "1", message: "layer", current: 5, total: 10 },
    { type: "step.done", step: "1", ...done },
  );
  const started = "2026-01-01T00:00:01.000Z";
  expect(plan).toEqual({ vertexes: [vertex] });
  expect(start).toEqual({ vertexes: [{ ...vertex, started }] });
  expect(progress).toEqual({
    statuses: [
      {
        id: "layer",
        vertex: vertex.digest,
        current: 5,
        total: 10,
        timestamp: "2026-01-01T00:00:02.000Z",
        started: "2026-01-01T00:00:02.000Z",
      },
    ],
  });
  expect(end).toEqual({ vertexes: [{ ...vertex, started, completed: "2026-01-01T00:00:03.000Z" }] });
});

test("output is in base64, by stream", () => {
  const [log] = render({ type: "step.log", step: "1", stream: "stderr", text: "ü\n" });
  expect(log).toMatchObject({ logs: [{ vertex: sha256("1"), stream: 2, data: "w7wK" }] });
});

test("errors, cached steps, warnings and the export are written", () => {
  const problem = { type: "about:blank", title: "No", status: 400, code: "no", detail: "It is no" };
  const lines = render(
    { type: "warning", rule: "R", message: "m", file: "app.Dockerfile", line: 3 },
    { type: "step.cached", step: "1" },
    { type: "export", message: "exporting", digest: sha256("x") },
    { type: "error", problem },
  );
  expect(lines).toMatchObject([
    {
      warnings: [
        {
          short: btoa("R: m (line 3)"),
          sourceInfo: { filename: "app.Dockerfile" },
          range: [{ start: { line: 3 }, end: { line: 3 } }],
        },
      ],
    },
    { vertexes: [{ cached: true }] },
    { vertexes: [{ name: "exporting to image" }] },
    { vertexes: [{ name: "exporting to image", error: "No" }] },
  ]);
  expect(render({ type: "error", problem })).toMatchObject([{ vertexes: [{ name: "build", error: "No" }] }]);
});

test("a failure completes every vertex, and marks cancelled ones as BuildKit does", () => {
  const problem = {
    type: "about:blank",
    title: "No",
    status: 400,
    code: "run-failed",
    detail: "exit code: 1",
  };
  const other = { ...step, id: "2", inputs: ["1"] };
  const lines = render(
    { type: "plan", steps: [step, other] },
    { type: "step.start", step: "1" },
    { type: "step.start", step: "2" },
    { type: "error", step: "1", problem },
  );
  const completed = "2026-01-01T00:00:03.000Z";
  expect(lines[0]).toMatchObject({ vertexes: [{}, { inputs: [sha256("1")] }] });
  expect(lines.at(-1)).toMatchObject({
    vertexes: [
      { digest: sha256("1"), error: "No", completed },
      { digest: sha256("2"), error: "context canceled", completed },
    ],
  });
});
