import fc from "fast-check";
import type { BuildEvent, EventBody, StepInfo } from "../../schemas/events.ts";
import {
  cached,
  end,
  failure,
  layer,
  log,
  output,
  result,
  start,
  step,
  transfer,
  waiting,
} from "./events.ts";

/** A build whose steps ran concurrently. */
export interface RandomBuild {
  events: BuildEvent[];
  steps: StepInfo[];
  /** Marks of the lines that each step has written, by its id. Each mark is in one line. */
  marks: Map<string, string[]>;
  outcome: "done" | "failed" | "cancelled";
}

/** Text around a mark in a line: control characters, escape sequences, wide characters, long text. */
const DIRT = [
  "",
  "\x1b[31m",
  "\x1b[2J\x1b[H",
  "\x1b]0;title\x07",
  "\r50%\r",
  "\x9b2J",
  "\t",
  "日本語",
  "\x00\x08",
  "x".repeat(300),
];

/** Valid logs: a step starts when the results of its inputs are available, and only needed steps start. */
export const randomBuild: fc.Arbitrary<RandomBuild> = fc
  .record({
    size: fc.integer({ min: 1, max: 9 }),
    outcome: fc.constantFrom("done" as const, "done" as const, "failed" as const, "cancelled" as const),
    random: fc.infiniteStream(fc.nat(999)),
  })
  .map(({ size, outcome, random }) => simulate(size, outcome, () => random.next().value as number));

function simulate(size: number, outcome: RandomBuild["outcome"], next: () => number): RandomBuild {
  const steps = Array.from({ length: size }, (_, index) => {
    const inputs = Array.from({ length: index }, (_, input) => `${input}`).filter(() => next() % 3 === 0);
    const name = `[stage ${index}] RUN ${DIRT[next() % DIRT.length]}${index}`;
    return { ...step(`${index}`, name, inputs), lines: { start: index + 1, end: index + 1 } };
  });
  const instructions = steps.map(({ name, lines }) => ({ text: name, line: lines.start }));
  const isCached = steps.map(() => next() % 4 === 0);
  const needed = new Set([size - 1]);
  for (let index = size - 1; index >= 0; index--) {
    if (!needed.has(index) || isCached[index]) continue;
    for (const input of steps[index]?.inputs ?? []) needed.add(Number(input));
  }
  const marks = new Map(steps.map(({ id }) => [id, [] as string[]]));
  const left = new Map(
    [...needed]
      .sort()
      .map((index) => [index, lifeOf(steps[index] as StepInfo, isCached[index] ?? false, marks, next)]),
  );
  const ended = new Set<string>();
  const events: [number, EventBody][] = [[0, { type: "plan", steps, instructions }]];
  let time = 0;
  const count = [...left.values()].reduce((sum, { length }) => sum + length, 0);
  const stop = outcome === "done" ? Number.POSITIVE_INFINITY : next() % (count + 1);
  while (left.size > 0 && events.length <= stop) {
    const ready = [...left.keys()].filter((index) => {
      return isCached[index] || (steps[index]?.inputs ?? []).every((input) => ended.has(input));
    });
    const index = ready[next() % ready.length] as number;
    const life = left.get(index) as EventBody[];
    time += next() % 10 === 0 ? next() * 20 : next() % 200;
    events.push([time, life.shift() as EventBody]);
    if (life.length > 0) continue;
    left.delete(index);
    ended.add(`${index}`);
  }
  const running = [...left]
    .filter(([, [next]]) => next !== undefined && next.type !== "step.start" && next.type !== "step.stored")
    .map(([index]) => index);
  const failed = running.length === 0 ? undefined : `${running[next() % running.length]}`;
  if (outcome === "done") {
    events.push(
      [time + 10, { type: "export", message: "exporting manifest x done", digest: "x" }],
      [time + 20, result],
    );
  } else events.push([time + 10, failure(failed, outcome === "failed" ? "run-failed" : "cancelled")]);
  const logEvents = [...events.map(([, body]) => body)].filter((body) => body.type === "step.log");
  for (const [id, all] of marks) {
    const text = logEvents
      .filter((body) => body.step === id)
      .map((body) => body.text)
      .join("");
    marks.set(
      id,
      all.filter((mark) => text.includes(mark)),
    );
  }
  return { events: log(...events), steps, marks, outcome };
}

/** The events of one step. */
function lifeOf(
  { id }: StepInfo,
  isCached: boolean,
  marks: Map<string, string[]>,
  next: () => number,
): EventBody[] {
  if (isCached) return [cached(id)];
  const life = [...(next() % 5 === 0 ? [waiting(id)] : []), start(id)];
  if (next() % 5 === 0) life.push(waiting(id, "busy"), { type: "step.running", step: id });
  for (let count = next() % 6; count > 0; count--) {
    if (next() % 4 === 0) {
      life.push(transfer(id, next(), 1000));
      continue;
    }
    const lines = Array.from({ length: 1 + (next() % 3) }, () => {
      const known = marks.get(id) ?? [];
      const mark = `<${id}.${known.length}>`;
      marks.set(id, [...known, mark]);
      return `${DIRT[next() % DIRT.length]}${mark}${DIRT[next() % 4]}\n`;
    });
    life.push(output(id, lines.join(""), next() % 2 === 0 ? "stdout" : "stderr"));
  }
  life.push(end(id, next()));
  if (next() % 3 === 0) life.push({ type: "step.stored", step: id, layer });
  return life;
}
