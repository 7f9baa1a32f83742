import { expect, test } from "vitest";
import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import { computeTimeline } from "../../src/playground/building/build-timeline.ts";
import { BuildProgress } from "../../src/progress/build-progress.ts";

const digest = `sha256:${"0".repeat(64)}`;
const descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 1 };

function step(id: string, ...inputs: string[]) {
  return {
    id,
    name: `[${id}] RUN ${id}`,
    stage: "",
    platform: "linux/amd64",
    lines: { start: 1, end: 1 },
    inputs,
  };
}

function done(id: string, milliseconds: number): EventBody {
  return { type: "step.done", step: id, reused: false, milliseconds, why: "", differences: [] };
}

function progressOf(events: [time: number, body: EventBody][]): BuildProgress {
  return BuildProgress.of(
    events.map(([time, body], index): BuildEvent => ({ seq: index + 1, time, ...body })),
  );
}

test("shows when steps ran, what they waited for, and which are on the critical path", () => {
  const progress = progressOf([
    [
      0,
      {
        type: "plan",
        steps: [step("base"), step("slow", "base"), step("quick", "base"), step("last", "slow", "quick")],
      },
    ],
    [10, { type: "step.cached", step: "base" }],
    [20, { type: "step.waiting", step: "slow", message: "waiting for a runner" }],
    [20, { type: "step.start", step: "quick" }],
    [120, done("quick", 100)],
    [220, { type: "step.running", step: "slow" }],
    [520, done("slow", 500)],
    [530, { type: "step.start", step: "last" }],
    [630, done("last", 100)],
    [700, { type: "result", descriptor, imageId: digest, repository: "a", tags: [] }],
  ]);
  const { rows, total, critical } = computeTimeline(
    [...progress.steps.values()],
    progress.export,
    progress.time,
  );
  expect(total).toBe(700);
  expect(rows.map(({ id }) => id)).toEqual(["base", "slow", "quick", "last", "export"]);
  const [, slow, quick, last, exported] = rows;
  expect(slow).toMatchObject({ start: 20, running: 220, end: 520, isCritical: true });
  expect(quick).toMatchObject({ start: 20, running: 20, end: 120, isCritical: false });
  expect(quick?.after).toBe("[base] RUN base");
  expect(last).toMatchObject({ start: 530, end: 630, after: "[slow] RUN slow", isCritical: true });
  expect(exported).toMatchObject({ start: 630, end: 700, isCritical: true });
  expect(critical).toBe(500 + 100 + 70);
});

test("shows running steps until now, and omits those that have not started", () => {
  const progress = progressOf([
    [0, { type: "plan", steps: [step("a"), step("b", "a")] }],
    [50, { type: "step.start", step: "a" }],
    [90, { type: "step.log", step: "a", stream: "stdout", text: "x\n" }],
  ]);
  const { rows } = computeTimeline([...progress.steps.values()], progress.export, 200);
  expect(rows).toMatchObject([{ id: "a", start: 50, running: 50, end: 200, isCritical: true }]);
});
