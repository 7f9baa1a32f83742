import fc from "fast-check";
import { expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { BuildMessages } from "../../src/engine-api/build-messages.ts";
import { BuildProgress } from "../../src/progress/build-progress.ts";
import { GroupedText } from "../../src/progress/grouped-text.ts";
import { PlainText } from "../../src/progress/plain-text.ts";
import { RawJson } from "../../src/progress/raw-json.ts";
import { hasStepEnded } from "../../src/progress/step-progress.ts";
import { paintOf } from "../../src/progress/terminal/colors.ts";
import { drawFrame } from "../../src/progress/terminal/frame.ts";
import { widthOf } from "../../src/progress/terminal/width.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { log, output, plan, result, start, step } from "./events.ts";
import { type RandomBuild, randomBuild } from "./random-build.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** The final state of a build, without what depends on the order of its events. */
function finalState(events: readonly BuildEvent[]) {
  const { steps, status, result, problem, ended, total, time } = BuildProgress.of(events, { stepLines: 100 });
  const states = [...steps].map(([id, { output, transfers, ...step }]) => ({
    id,
    ...step,
    transfers: [...transfers],
    output: output.last(),
  }));
  return { states, status, result, problem, ended, total, time };
}

test("the state of a build does not depend on how the events of its steps interleave", () => {
  fc.assert(
    fc.property(randomBuild, ({ events, steps }) => {
      const place = (event: BuildEvent, index: number) => {
        if (index === 0) return -1;
        return "step" in event && event.type !== "error" ? Number(event.step) : steps.length;
      };
      const sorted = events
        .map((event, index) => ({ event, place: place(event, index) }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event);
      expect(finalState(sorted)).toEqual(finalState(events));
    }),
    { numRuns: 500 },
  );
});

/** The marks in a text, in order. */
const marksIn = (text: string) => text.match(/<\d+\.\d+>/g) ?? [];

/** Verifies that each line is printed once, and that the lines of a step are in order. */
function expectAllLines(text: string, { marks }: RandomBuild): void {
  const found = marksIn(text);
  const all = [...marks.values()].flat();
  expect(found).toHaveLength(all.length);
  for (const [id, ofStep] of marks)
    expect(found.filter((mark) => mark.startsWith(`<${id}.`))).toEqual(ofStep);
}

test("plain text has every line once, at its step, and every end once", () => {
  fc.assert(
    fc.property(randomBuild, (build) => {
      const plain = new PlainText();
      const text = build.events.map((event) => plain.add(event)).join("");
      expect(text).not.toMatch(CONTROLS);
      expectAllLines(text, build);
      const progress = BuildProgress.of(build.events);
      const numbers = new Map(
        [...text.matchAll(/^#(\d+) \[stage (\d+)\]/gm)].map(([, number, id]) => [id, number]),
      );
      for (const line of text.split("\n")) {
        const [, id] = /<(\d+)\./.exec(line) ?? [];
        if (id !== undefined) expect(line).toMatch(new RegExp(`^#${numbers.get(id)} \\d+\\.\\d+ `));
      }
      const begun = progress.started.filter(({ info }) => info.id !== "export");
      expect([...numbers.keys()].sort()).toEqual(begun.map(({ info }) => info.id).sort());
      const ends = text.match(/^#\d+ (DONE|CACHED|CANCELED|ERROR: )/gm) ?? [];
      expect(new Set(ends).size).toBe(ends.length);
      expect(ends).toHaveLength(progress.started.filter(hasStepEnded).length);
    }),
    { numRuns: 500 },
  );
});

test("plain text is the same for a recorded build as for a running one", () => {
  fc.assert(
    fc.property(randomBuild, fc.infiniteStream(fc.nat(400)), ({ events }, pauses) => {
      const recorded = new PlainText();
      const running = new PlainText();
      let text = "";
      let expected = "";
      for (const [index, event] of events.entries()) {
        expected += recorded.add(event);
        text += running.add(event);
        const gap = (events[index + 1]?.time ?? event.time) - event.time;
        for (let pause = 0; pause < gap; pause += 1 + (pauses.next().value as number))
          text += running.tick(pause);
      }
      expect(text).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test("grouped text has every line once, steps in the order of the plan, and no group in another", () => {
  fc.assert(
    fc.property(randomBuild, (build) => {
      const lines: string[] = [];
      let group: string | undefined;
      const titles: number[] = [];
      const text = new GroupedText({
        print(line) {
          if (group !== undefined) for (const mark of marksIn(line)) expect(mark).toContain(`<${group}.`);
          const [, id] = /^#\d+ \[stage (\d+)\]/.exec(line) ?? [];
          if (id !== undefined) titles.push(Number(id));
          lines.push(line);
        },
        startGroup(title) {
          expect(group).toBeUndefined();
          group = /\[stage (\d+)\]/.exec(title)?.[1] ?? "export";
          if (group !== "export") titles.push(Number(group));
          lines.push(title);
        },
        endGroup() {
          expect(group).toBeDefined();
          group = undefined;
        },
      });
      for (const event of build.events) text.add(event);
      expect(group).toBeUndefined();
      expect(lines.join("\n")).not.toMatch(CONTROLS);
      expectAllLines(lines.join("\n"), build);
      expect(titles).toEqual(titles.toSorted((a, b) => a - b));
      expect(new Set(titles).size).toBe(titles.length);
      expect(lines.filter((line) => /^#\d+ (DONE|CACHED|CANCELED|ERROR: )/.test(line))).toHaveLength(
        text.progress.started.length,
      );
    }),
    { numRuns: 500 },
  );
});

test("messages of the Engine API have every line once, and steps in order", () => {
  fc.assert(
    fc.property(randomBuild, (build) => {
      const rendered = new BuildMessages();
      const messages = build.events.flatMap((event) => rendered.add(event));
      const text = messages.map((message) => ("stream" in message ? message.stream : "")).join("");
      expect(text).not.toMatch(CONTROLS);
      expectAllLines(text, build);
      const numbers = [...text.matchAll(/^Step (\d+)\//gm)].map(([, number]) => Number(number));
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      let current = "";
      for (const line of text.split("\n")) {
        current = /^Step (\d+)\//.exec(line)?.[1] ?? current;
        for (const mark of marksIn(line)) expect(mark).toContain(`<${Number(current) - 1}.`);
      }
    }),
    { numRuns: 500 },
  );
});

test("raw JSON has all output and completes each vertex that it has started", () => {
  fc.assert(
    fc.property(randomBuild, (build) => {
      const json = new RawJson(0);
      const lines = build.events
        .map((event) => json.add(event))
        .join("")
        .split("\n")
        .filter(Boolean);
      const vertexes = new Map<string, { completed?: string; started?: string }>();
      let logs = "";
      for (const line of lines) {
        const status = JSON.parse(line);
        for (const vertex of status.vertexes ?? []) vertexes.set(vertex.digest, vertex);
        for (const { data } of status.logs ?? [])
          logs += new TextDecoder().decode(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
      }
      expectAllLines(logs, build);
      for (const { id } of build.steps) expect(vertexes.has(sha256(id))).toBe(true);
      for (const { started, completed } of vertexes.values())
        expect(completed === undefined).toBe(started === undefined);
    }),
    { numRuns: 200 },
  );
});

test("all lines of a frame fit into the terminal, for any output and at any time", () => {
  const options = { paint: paintOf({ NO_COLOR: "1" }), logLines: 6, server: "localhost" };
  fc.assert(
    fc.property(
      randomBuild,
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 2, max: 30 }),
      ({ events }, columns, rows) => {
        const progress = new BuildProgress({ stepLines: 20 });
        for (const event of events) {
          progress.add(event);
          const lines = drawFrame(progress, { columns, rows }, options, {
            elapsed: 1,
            now: progress.time + 50,
          });
          expect(lines.length).toBeLessThan(rows);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(CONTROLS);
            expect(line).not.toContain("\n");
          }
          const all = drawFrame(progress, { columns: 400, rows: undefined }, options, {
            elapsed: 1,
            now: progress.time,
          });
          const running = progress.started.filter((step) => !hasStepEnded(step));
          for (const { name } of running) expect(all.join("\n")).toContain(name);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("no renderer has a limit on the lines of one event", () => {
  const count = 300_000;
  const events = log(
    [0, plan(step("0", "RUN x", []))],
    [1, start("0")],
    [2, output("0", "a\n".repeat(count))],
    [3, result],
  );
  const plain = new PlainText();
  const messages = new BuildMessages();
  let lines = 0;
  const grouped = new GroupedText({ print: () => lines++, startGroup() {}, endGroup() {} });
  const progress = new BuildProgress({ stepLines: 10, logLines: 10 });
  for (const event of events) {
    grouped.add(event);
    progress.add(event);
  }
  expect(
    events
      .map((event) => plain.add(event))
      .join("")
      .match(/ a$/gm),
  ).toHaveLength(count);
  expect(events.flatMap((event) => messages.add(event)).length).toBeGreaterThan(count);
  expect(lines).toBeGreaterThan(count);
  expect(progress.log.count).toBeGreaterThan(count);
});
