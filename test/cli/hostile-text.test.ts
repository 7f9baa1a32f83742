import { expect, test } from "vitest";
import type { EventBody } from "../../schemas/events.ts";
import { CommandError, errorText } from "../../src/cli/command-error.ts";
import { tableText } from "../../src/cli/table.ts";
import { paintOf } from "../../src/cli/tty/colors.ts";
import { frame } from "../../src/cli/tty/frame.ts";
import { BuildSteps } from "../../src/cli/tty/steps.ts";
import { ServiceError } from "../../src/client/service.ts";

/** Clears the screen, sets the title, writes to the clipboard, and the same in eight-bit controls; then a line more. */
const hostile = "a\x1b[2J\x1b]0;title\x07\x1b]52;c;cm0gLXJm\x1b\\\x9b2J\x9d0;t\x9c\x08\x00b\nc";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

test("errors tell a terminal nothing", () => {
  const problem = { type: "about:blank", status: 400, code: "x", title: "t", detail: hostile, hint: hostile };
  for (const error of [
    new ServiceError(problem),
    new CommandError(hostile, hostile),
    new Error(hostile),
    hostile,
  ])
    expect(errorText(error)).not.toMatch(CONTROLS);
});

test("cells of tables are one line each, and tell a terminal nothing", () => {
  const text = tableText(["A", "B"], [[hostile, "b"]]);
  expect(text).not.toMatch(CONTROLS);
  expect(text.split("\n")).toHaveLength(3);
});

test("lines of a frame are one line each, and tell a terminal nothing", () => {
  const steps = new BuildSteps();
  const step = { id: "a", name: hostile, stage: "", platform: "", lines: { start: 1, end: 1 } };
  const events: EventBody[] = [
    { type: "plan", steps: [step] },
    { type: "step.start", step: "a" },
    { type: "step.progress", step: "a", message: hostile, current: 1 },
    { type: "step.log", step: "a", stream: "stdout", text: hostile },
    { type: "step.waiting", step: "a", message: hostile },
    { type: "warning", rule: "R", message: hostile, file: "Dockerfile", line: 1 },
  ];
  for (const body of events) steps.take({ seq: 0, time: 0, ...body } as never, 0);
  const options = { paint: paintOf({ NO_COLOR: "1" }), logLines: 6, began: 0, server: "localhost" };
  const lines = frame(steps, { columns: 80, rows: 24 }, options, 1);
  expect(lines.join("")).not.toMatch(CONTROLS);
  expect(lines.join("")).not.toContain("\n");
  expect(steps.warnings[0]?.message).not.toMatch(CONTROLS);
});
