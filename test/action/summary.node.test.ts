import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BuildRecord } from "../../schemas/build.ts";
import type { BuildEvent, BuildResult } from "../../schemas/events.ts";
import { type SummaryOptions, summary } from "../../src/action/summary.ts";
import { BuildProgress } from "../../src/progress/build-progress.ts";

const digest = `sha256:${"a".repeat(64)}`;
const result: BuildResult = {
  descriptor: { mediaType: "m", digest, size: 1 },
  imageId: digest,
  repository: "team/app",
  tags: ["team/app:1"],
};
const step = (id: string, name: string) => ({
  id,
  name,
  stage: "",
  platform: "linux/amd64",
  lines: { start: 1, end: 1 },
});
const layer = { mediaType: "m", digest, size: 1_234_567 };
const events = [
  { type: "plan", steps: [step("0", "COPY a /"), step("1", "COPY b /"), step("2", "COPY c /")] },
  { type: "step.cached", step: "0", layer },
  {
    type: "step.done",
    step: "1",
    layer,
    reused: false,
    milliseconds: 1540,
    why: "The file b changed",
    differences: [],
  },
  { type: "result", ...result },
].map((body, seq) => ({ seq: seq + 1, time: seq, ...body })) as BuildEvent[];
const summaryOf = (options: Partial<SummaryOptions> = {}) =>
  summary({
    ...{
      server: "https://varve.example/",
      id: "f".repeat(64),
      build: BuildProgress.of(events),
      ended: { result },
      findings: [],
      why: true,
    },
    ...options,
  });

test("contains the image, its steps and links", () => {
  const text = summaryOf({ size: 2_000_000, lastSize: 1_500_000 });
  expect(text).toContain("```\ndocker pull varve.example/team/app:1\n```");
  expect(text).toContain("| Size | 2.00 MB (+500 kB, +33.3 %) |");
  expect(text).toContain("1 of 3 steps were found in the build cache, 1 executed, 1 not needed.");
  expect(text).toContain("| <code>COPY a /</code> | hit |  |  | 1.23 MB |  |");
  expect(text).toMatch(
    /<code>COPY b \/<\/code> \| miss \| 1\.5s \| [░█]{16} \| 1\.23 MB \| The file b changed \|/,
  );
  expect(text).toContain("| <code>COPY c /</code> | not needed |  |  |  |  |");
  expect(text).toContain(`](https://varve.example/#/builds/${"f".repeat(64)})`);
});

test("shows when each step ran", () => {
  const timed = [
    { type: "plan", steps: [step("0", "COPY a /"), step("1", "COPY b /")] },
    { type: "step.start", step: "0", time: 0 },
    { type: "step.done", step: "0", reused: false, milliseconds: 300, why: "", differences: [], time: 300 },
    { type: "step.start", step: "1", time: 300 },
    { type: "step.done", step: "1", reused: false, milliseconds: 900, why: "", differences: [], time: 1200 },
    { type: "result", ...result, time: 1200 },
  ].map((body, seq) => ({ seq: seq + 1, time: 0, ...body })) as BuildEvent[];
  const text = summaryOf({ build: BuildProgress.of(timed) });
  expect(text).toContain(`| ${"█".repeat(4)}${"░".repeat(12)} |`);
  expect(text).toContain(`| ${"░".repeat(4)}${"█".repeat(12)} |`);
});

test("compares with the last build of the branch", () => {
  const lastBuild: BuildRecord = {
    id: "e".repeat(64),
    run: 1,
    state: "done",
    tags: ["team/app:0"],
    started: "2026-01-02T03:04:05Z",
    ended: "2026-01-02T03:04:17Z",
    steps: { hits: 0, misses: 2 },
    size: 1_500_000,
  };
  const text = summaryOf({ size: 2_000_000, lastBuild, branch: "feature|x" });
  expect(text).toContain(`[Last build of feature&#124;x](https://varve.example/#/builds/${"e".repeat(64)})`);
  expect(text).toMatch(/\| Time \| \S+ \| 12\.0s \|/);
  expect(text).toContain("| Reused | 1 of 2 steps | 0 of 2 steps |");
  expect(text).toContain("| Size | 2.00 MB (+500 kB, +33.3 %) | 1.50 MB |");
});

test.each([
  [2_000_000, 2_000_000, "2.00 MB, as before"],
  [999_999, undefined, "1.00 MB |"],
  [900, 1000, "900 B (−100 B, −10.0 %)"],
  [12_345, 0, "12.3 kB (+12.3 kB)"],
])("a size of %i after %s", (size, lastSize, text) => {
  expect(summaryOf({ size, lastSize })).toContain(text);
});

test("an image without a name is pulled by its digest", () => {
  const nameless = { ...result, tags: [], repository: "builds" };
  expect(summaryOf({ ended: { result: nameless } })).toContain(`docker pull varve.example/builds@${digest}`);
});

test("a failure is reported with a hint", () => {
  const problem = {
    type: "about:blank",
    title: "no",
    status: 422,
    code: "x",
    detail: "a\n```\nb",
    hint: "Do *this*",
  };
  const text = summaryOf({ ended: { problem } });
  expect(text).toContain("varve: the build failed");
  expect(text).toContain("````\na\n```\nb\n````");
  expect(text).toContain("Do &#42;this&#42;");
});

describe("for any Dockerfile", () => {
  test("the summary shows its text unchanged and keeps its rows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), fc.string({ maxLength: 80 }), (name, why) => {
        const hostile = [
          { seq: 1, time: 0, type: "plan", steps: [step("0", name)] },
          {
            seq: 2,
            time: 0,
            type: "step.done",
            step: "0",
            reused: false,
            milliseconds: 1,
            why,
            differences: [],
          },
        ] as BuildEvent[];
        const rows = summaryOf({ build: BuildProgress.of(hostile) })
          .split("\n")
          .filter((line) => line.includes("| miss |"));
        expect(rows).toHaveLength(1);
        const [row = ""] = rows;
        expect(row.split("|")).toHaveLength(8);
        expect(row.replaceAll(/<\/?code>|&#\d+;|0\.0s/g, "")).not.toMatch(/[<>&`*_[\]\\~@#!:.]/);
      }),
    );
  });

  test("the summary stays below GitHub's size limit", () => {
    const findings = Array.from({ length: 5000 }, (_, i) => ({
      rule: "R",
      severity: "warning" as const,
      message: "<".repeat(600),
      line: i,
      endLine: i,
    }));
    const steps = Array.from({ length: 5000 }, (_, i) => step(String(i), `|${"`".repeat(600)}`));
    const build = BuildProgress.of([{ seq: 1, time: 0, type: "plan", steps }]);
    const text = summaryOf({ findings, build });
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    expect(text).toContain("(the summary is too long for GitHub)");
  });
});
