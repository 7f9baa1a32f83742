import { expect, test } from "vitest";
import type { EventBody } from "../../schemas/events.ts";
import { GroupedText } from "../../src/progress/grouped-text.ts";
import { cached, end, failure, log, output, plan, result, start, step, transfer } from "./events.ts";

/** Lines of a log, those of groups indented. */
function linesOf(...events: [number, EventBody][]): string[][] {
  let lines: string[] = [];
  let space = "";
  const text = new GroupedText({
    print: (line) => lines.push(space + line),
    startGroup: (title) => {
      lines.push(`> ${title}`);
      space = "  ";
    },
    endGroup: () => {
      space = "";
    },
  });
  return log(...events).map((event) => {
    lines = [];
    text.add(event);
    return lines;
  });
}

const stages = plan(
  step("image", "[one 1/2] FROM x", []),
  step("0", "[one 2/2] RUN one", ["image"]),
  step("1", "[two 1/2] RUN two", []),
  step("2", "[two 2/2] RUN more", ["1"]),
  step("3", "[last 1/1] COPY --from=one /a /", ["0", "2"]),
);

test("the first step is live, and later ones follow in the order of the plan", () => {
  const lines = linesOf(
    [0, stages],
    [100, start("0")],
    [110, start("1")],
    [300, output("1", "two\n")],
    [400, output("0", "one\n")],
    [500, end("1")],
    [600, start("2")],
    [700, end("0")],
    [800, end("2")],
    [900, start("image")],
    [950, end("image")],
    [960, cached("3")],
    [999, result],
  );
  expect(lines).toEqual([
    [],
    ["> #1 [one 2/2] RUN one"],
    [],
    [],
    ["  0.300 one"],
    [],
    [],
    ["#1 DONE 1.0s", "> #2 [two 1/2] RUN two", "  0.190 two", "#2 DONE 1.0s", "> #3 [two 2/2] RUN more"],
    ["#3 DONE 1.0s"],
    [],
    ["#4 [one 1/2] FROM x", "#4 DONE 1.0s"],
    ["#5 [last 1/1] COPY --from=one /a /", "#5 CACHED"],
    ["> #6 exporting to image", "  naming to app:latest done", "#6 DONE 0.0s"],
  ]);
});

test("a step that is not needed delays no other step", () => {
  const lines = linesOf([0, stages], [100, cached("3")], [200, result]);
  expect(lines[1]).toEqual(["#1 [last 1/1] COPY --from=one /a /", "#1 CACHED"]);
});

test("a step that failed before its turn is not folded", () => {
  const events: [number, EventBody][] = [
    [0, stages],
    [1, start("0")],
    [2, start("1")],
    [3, output("1", "no\n")],
    [4, transfer("1", 5)],
  ];
  expect(linesOf(...events, [9, failure("1")]).at(-1)).toEqual([
    "#1 CANCELED",
    "#2 [two 1/2] RUN two",
    "0.001 no",
    "#2 ERROR: The step failed",
  ]);
});
