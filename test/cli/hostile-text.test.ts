import { expect, test } from "vitest";
import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import { CommandError, errorText } from "../../src/cli/command-error.ts";
import { tableText } from "../../src/cli/table.ts";
import { paintOf } from "../../src/cli/tty/colors.ts";
import { frame } from "../../src/cli/tty/frame.ts";
import { BuildSteps } from "../../src/cli/tty/steps.ts";
import { ServiceError } from "../../src/client/service.ts";
import { PlainProgress } from "../../src/engine/plain-progress.ts";

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

/** Events with such a text wherever somebody else has a say. */
function hostileEvents(): BuildEvent[] {
  const step = { id: "a", name: hostile, stage: "", platform: "", lines: { start: 1, end: 1 } };
  const events: EventBody[] = [
    { type: "plan", steps: [step] },
    { type: "step.start", step: "a" },
    { type: "step.progress", step: "a", message: hostile, current: 1 },
    { type: "step.log", step: "a", stream: "stdout", text: hostile },
    { type: "step.waiting", step: "a", message: hostile },
    { type: "warning", rule: "R", message: hostile, file: "Dockerfile", line: 1 },
  ];
  return events.map((body) => ({ seq: 0, time: 0, ...body }) as BuildEvent);
}

test("lines of a frame are one line each, and tell a terminal nothing", () => {
  const steps = new BuildSteps();
  for (const event of hostileEvents()) steps.take(event, 0);
  const options = { paint: paintOf({ NO_COLOR: "1" }), logLines: 6, began: 0, server: "localhost" };
  const lines = frame(steps, { columns: 80, rows: 24 }, options, 1);
  expect(lines.join("")).not.toMatch(CONTROLS);
  expect(lines.join("")).not.toContain("\n");
  expect(steps.warnings[0]?.message).not.toMatch(CONTROLS);
});

test("lines of plain progress are as many as they should be, and tell a terminal nothing", () => {
  const plain = new PlainProgress();
  const problem = { type: "about:blank", status: 400, code: "x", title: hostile, detail: hostile };
  const ends: EventBody[] = [
    { type: "error", step: "a", problem },
    {
      type: "result",
      descriptor: { mediaType: "", digest: "", size: 0 },
      imageId: "",
      repository: "a",
      tags: ["a"],
    },
  ];
  const texts = [...hostileEvents(), ...ends.map((body) => ({ seq: 0, time: 0, ...body }) as BuildEvent)].map(
    (event) => plain.render(event),
  );
  expect(texts.join("")).not.toMatch(CONTROLS);
  expect(texts.slice(0, 5)).toEqual([
    "",
    "#1 ab c\n",
    "#1 ab c 1B\n",
    "#1 0.000 ab\n#1 0.000 c\n",
    "#1 ab c\n",
  ]);
});

test("plain progress has colours, which end with the line, and what a line became", () => {
  const plain = new PlainProgress();
  const log = (text: string) =>
    plain.render({ seq: 0, time: 0, type: "step.log", step: "a", stream: "stdout", text });
  plain.render({ seq: 0, time: 0, type: "step.start", step: "a" });
  expect(log("\x1b[1;31mred\x1b[2K\x1b[5A\x1b[38:5:4mblue\nplain\tone\n")).toBe(
    "#1 0.000 \x1b[1;31mred\x1b[38:5:4mblue\x1b[0m\n#1 0.000 plain\tone\n",
  );
  expect(log("10%\r50%\r100%\r\n\r\r\n")).toBe("#1 0.000 100%\n#1 0.000 \n");
  // What is left of one sequence makes no other.
  expect(log("\x1b\x1b[0m[2J\x1b]0;\x1b[31mt\x07")).toBe("#1 0.000 \x1b[0m[2J0;\x1b[31mt\x1b[0m\n");
});
