import { expect, test } from "vitest";
import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import { ServiceError } from "../../src/client/service.ts";
import { CommandError, errorText } from "../../src/command/command-error.ts";
import { BuildProgress } from "../../src/progress/build-progress.ts";
import { PlainText } from "../../src/progress/plain-text.ts";
import { tableText } from "../../src/progress/table.ts";
import { paintOf } from "../../src/progress/terminal/colors.ts";
import { drawFrame } from "../../src/progress/terminal/frame.ts";
import { warningLines } from "../../src/progress/warning-text.ts";

/** Clears the screen, sets the title, writes to the clipboard, and the same in eight-bit controls; then a line more. */
const hostile = "a\x1b[2J\x1b]0;title\x07\x1b]52;c;cm0gLXJm\x1b\\\x9b2J\x9d0;t\x9c\x08\x00b\nc";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

test("errors contain no control characters", () => {
  const problem = { type: "about:blank", status: 400, code: "x", title: "t", detail: hostile, hint: hostile };
  for (const error of [
    new ServiceError(problem),
    new CommandError(hostile, hostile),
    new Error(hostile),
    hostile,
  ])
    expect(errorText(error)).not.toMatch(CONTROLS);
});

test("cells of tables are one line each, without control characters", () => {
  const text = tableText(["A", "B"], [[hostile, "b"]]);
  expect(text).not.toMatch(CONTROLS);
  expect(text.split("\n")).toHaveLength(3);
});

/** Events with such a text in every field from untrusted input. */
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

test("lines of a frame are one line each, without control characters", () => {
  const progress = BuildProgress.of(hostileEvents(), { stepLines: 6 });
  const options = { paint: paintOf({ NO_COLOR: "1" }), logLines: 6, server: "localhost" };
  const lines = drawFrame(progress, { columns: 80, rows: 24 }, options, { elapsed: 1, now: 1 });
  expect(lines).toHaveLength(6);
  for (const line of [...lines, ...warningLines(progress.warnings)]) {
    expect(line).not.toMatch(CONTROLS);
    expect(line).not.toContain("\n");
  }
});

test("plain progress has as many lines as events have, without control characters", () => {
  const plain = new PlainText();
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
  const events = [...hostileEvents(), ...ends.map((body) => ({ seq: 0, time: 0, ...body }) as BuildEvent)];
  const text = events.map((event) => plain.add(event)).join("");
  expect(text).not.toMatch(CONTROLS);
  expect(text).toBe(`\
#1 ab c
#1 0.000 ab
#1 0.000 c
#1 ab c
#1 ERROR: ab c

 1 warning found:
 - R: ab c (line 1)

#2 exporting to image
#2 naming to a done
#2 DONE 0.0s
`);
});

const log = (plain: PlainText, ...texts: string[]) =>
  texts
    .map((text, index) => {
      const time = index * 1000;
      return plain.add({ seq: 1, time, type: "step.log", step: "a", stream: "stdout", text });
    })
    .join("");

test("plain progress keeps tabs and the final state of an overwritten line", () => {
  expect(log(new PlainText(), "10%\r50%\r100%\r\n\r\r\n", "plain\tone\n")).toBe(
    "#1 a\n#1 0.000 100%\n#1 0.000 \n#1 1.000 plain\tone\n",
  );
});

test("plain progress has colours only on a terminal, reset at the end of each line", () => {
  const red = "\x1b[1;31mred\x1b[2K\x1b[5A\x1b[38:5:4mblue\nplain\n";
  expect(log(new PlainText(), red)).toBe("#1 a\n#1 0.000 redblue\n#1 0.000 plain\n");
  expect(log(new PlainText({ hasColors: true }), red)).toBe(
    "#1 a\n#1 0.000 \x1b[1;31mred\x1b[38:5:4mblue\x1b[0m\n#1 0.000 plain\n",
  );
  // The rest of one sequence does not become another.
  const broken = "\x1b\x1b[0m[2J\x1b]0;\x1b[31mt\x07";
  expect(log(new PlainText({ hasColors: true }), broken)).toBe(
    "#1 a\n#1 0.000 \x1b[0m[2J0;\x1b[31mt\x1b[0m\n",
  );
});
