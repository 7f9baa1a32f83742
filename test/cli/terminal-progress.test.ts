import { expect, test } from "vitest";
import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import { TerminalProgress } from "../../src/cli/terminal/terminal-progress.ts";
import { end, failure, log, output, plan, result, start, step } from "../progress/events.ts";

/** What is written to a terminal while a build is shown. */
function show(
  events: readonly BuildEvent[],
  environment: Record<string, string> = { NO_COLOR: "1" },
): string {
  let written = "";
  const terminal = {
    columns: 60,
    rows: 10,
    write(text: string) {
      written += text;
    },
  };
  const progress = new TerminalProgress(terminal, environment, "localhost:8787");
  for (const event of events) progress.show(event);
  progress.end("ERROR: the end\n");
  progress.end();
  return written;
}

/** What stays on the terminal: the last frame and what is printed below it. */
const restOf = (written: string) => written.slice(written.lastIndexOf("[+] Building"));
const stages = plan(step("a", "[one 1/1] RUN one"), step("b", "[two 1/1] RUN two"));

test("the complete output of a failed step is printed once, below the last frame", () => {
  const text = Array.from({ length: 30 }, (_, index) => `line ${index} \x1b[31mred\x1b[0m\x1b[2J\n`).join("");
  const rest = restOf(
    show(log([0, stages], [1, start("a")], [2, start("b")], [3, output("b", text)], [4, failure("b")])),
  );
  const lines = rest.split("\n").map((line) => line.replaceAll("\x1b[K", ""));
  expect(lines.slice(1, 3)).toEqual([
    expect.stringMatching(/^ => CANCELED \[one 1\/1\] RUN one {2,}0\.0s$/),
    expect.stringMatching(/^ => ERROR \[two 1\/1\] RUN two {2,}0\.0s$/),
  ]);
  expect(lines.filter((line) => line.startsWith("line "))).toEqual(
    Array.from({ length: 30 }, (_, index) => `line ${index} red`),
  );
  expect(lines.slice(-4)).toEqual(["line 29 red", "------", "ERROR: the end", ""]);
});

test("long output is printed from its end, with the omitted amount", () => {
  const text = Array.from({ length: 1500 }, (_, index) => `line ${index}\n`).join("");
  const rest = restOf(show(log([0, stages], [1, start("b")], [2, output("b", text)], [3, failure("b")])));
  expect(rest).toContain(" > [two 1/1] RUN two:\n[500 earlier lines are not shown]\nline 500\n");
  expect(rest.match(/^line /gm)).toHaveLength(1000);
});

test("finished steps show no output, warnings are last, and the cursor is restored", () => {
  const warning: EventBody = { type: "warning", rule: "R", message: "m", file: "Dockerfile", line: 3 };
  const written = show(
    log([0, stages], [1, warning], [2, start("a")], [3, output("a", "hello\n")], [4, end("a")], [5, result]),
  );
  const rest = restOf(written);
  expect(rest).toContain("FINISHED");
  expect(rest).not.toContain("hello");
  expect(rest).toContain("\n 1 warning found:\n - R: m (line 3)\n");
  expect(written.split("\x1b[?25l")).toHaveLength(2);
  expect(written.indexOf("\x1b[?25h")).toBeGreaterThan(written.lastIndexOf("[+] Building"));
});
