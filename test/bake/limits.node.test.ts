import { describe, expect, test } from "vitest";
import { withinLimits } from "../../src/bake/budget.ts";
import { readDotEnv } from "../../src/bake/compose/interpolate.ts";
import { BakeError } from "../../src/bake/error.ts";
import { planTargets, readDefinitions } from "../../src/bake/read.ts";

// Bake files may be hostile: reading any of them needs bounded time and memory.

/** Maximum CPU seconds for one file. An idle machine needs two for the slowest. */
const MAX_SECONDS = 20;

const repeat = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join("\n");

function plan(text: string, name = "docker-bake.hcl", readFile: (path: string) => string = () => "") {
  const definitions = readDefinitions([{ name, text }], {
    environment: { LONG: "x".repeat(100_000) },
    composeEnvironment: { LONG: "x".repeat(100_000) },
    localPlatform: "linux/amd64",
    now: new Date(0),
    warn: () => {},
    readFile,
  });
  return planTargets(definitions, ["default"], [], {});
}

/** The message of the error, or "read". */
function outcome(work: () => unknown): string {
  const before = process.cpuUsage();
  try {
    work();
    return "read";
  } catch (error) {
    if (!(error instanceof BakeError)) throw error;
    return error.message;
  } finally {
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(MAX_SECONDS);
  }
}

const value = (expression: string) => `v = ${expression}\ntarget "default" {}\n`;
const doubling = (first: string, twice: (name: string) => string, last = "") =>
  `v0 = ${first}\n${repeat(60, (at) => `v${at + 1} = ${twice(`v${at}`)}`)}\n${last}\ntarget "default" {}\n`;
const thousand = "range(0, 1000)";
const large = /too large|too much work|at most/;
const deep = /nested too deeply|too large|too much work/;

describe("HCL", { timeout: 120_000 }, () => {
  test.each<[name: string, text: string, message: RegExp]>([
    ["texts that double", doubling('"0123456789"', (name) => `"\${${name}}\${${name}}"`), large],
    ["lists that double", doubling("[1]", (name) => `concat(${name}, ${name})`), large],
    ["lists within each other", doubling("[1]", (name) => `[${name}, ${name}]`), large],
    ["objects within each other", doubling("{}", (name) => `{ a = ${name}, b = ${name} }`), large],
    [
      "functions that call each other twice",
      `${repeat(
        40,
        (at) =>
          `function "f${at}" {\n  params = [x]\n  result = ${at === 0 ? "x" : `f${at - 1}(f${at - 1}(x))`}\n}`,
      )}\n${value("f39(1)")}`,
      large,
    ],
    [
      "loops within loops",
      value(`[for a in ${thousand}: [for b in ${thousand}: [for c in ${thousand}: a]]]`),
      large,
    ],
    ["a product of lists", value(`setproduct(${Array(8).fill(thousand).join(", ")})`), large],
    [
      "a matrix",
      `target "default" {\n  name = "a\${a}b\${b}c\${c}"\n  matrix = { a = ${thousand}, b = ${thousand}, c = ${thousand} }\n}`,
      large,
    ],
    ["a width", value('format("%999999999s", "a")'), large],
    [
      "many widths",
      value(`format("${"%4000000s".repeat(2000)}", ${Array(2000).fill('"a"').join(", ")})`),
      large,
    ],
    ["a precision", value('format("%.999999999f", 1)'), /at most 100 digits/],
    ["an indent", value('indent(999999999, "a\\nb")'), large],
    ["a replacement", value(`replace("${"a".repeat(100_000)}", "a", "${"b".repeat(100_000)}")`), large],
    [
      "a replacement of nothing",
      value(`replace("${"a".repeat(100_000)}", "", "${"b".repeat(100_000)}")`),
      large,
    ],
    [
      "a replacement by pattern",
      value(`regex_replace("${"a".repeat(100_000)}", "a", "${"b".repeat(100_000)}")`),
      large,
    ],
    ["a separator", value(`join("${"b".repeat(100_000)}", ${thousand})`), large],
    ["pieces of a list", value(`chunklist(${thousand}, 0.0000001)`), /whole number/],
    ["columns of CSV", value(`csvdecode("${",".repeat(100_000)}${"\\n1".repeat(100_000)}")`), large],
    ["quotes of CSV", value(`csvdecode("${'\\"'.repeat(300_001)}")`), /read/],
    [
      // Each match may take the whole time, so one case tests the limit and that `try` does not catch it.
      "a pattern that goes back, in try",
      value(
        `try(${Array(50)
          .fill(`regex("^(a+)+$", "${"a".repeat(60)}!")`)
          .join(", ")}, 1)`,
      ),
      /take too long/,
    ],
    ["ends of lines", value(`chomp("${"\\n".repeat(500_000)}x")`), /read/],
    [
      "different elements",
      value(
        `length(distinct(split(",", "${repeat(1, () => Array.from({ length: 200_000 }, (_, at) => at).join(","))}")))`,
      ),
      /read/,
    ],
    ["equal values that are large", doubling("[1]", (name) => `[${name}, ${name}]`, "e = v20 == v20"), large],
    ["many arguments", `${repeat(100_000, (at) => `a${at} = 1`)}\n${value("1")}`, /read/],
    [
      "a chain of variables",
      `v0 = 1\n${Array.from({ length: 50_000 }, (_, at) => `v${50_000 - at} = v${49_999 - at}`).join("\n")}\ntarget "default" {}`,
      deep,
    ],
    ["a long sum", value(Array(200_000).fill("1").join(" + ")), deep],
    ["attributes of attributes", value(`a${".b".repeat(200_000)}`), deep],
    [
      "here-documents within each other",
      value(`${Array.from({ length: 5_000 }, (_, at) => `<<E${at}\n\${`).join("")}1`),
      /nested too deeply|No line/,
    ],
    [
      "targets that link twice",
      `${repeat(
        60,
        (at) => `target "t${at}" {\n  contexts = { a = "target:t${at + 1}", b = "target:t${at + 1}" }\n}`,
      )}\ntarget "t60" {}\ntarget "default" {\n  contexts = { a = "target:t0" }\n}`,
      /read/,
    ],
    [
      "targets that inherit twice",
      `${repeat(
        60,
        (at) => `target "t${at}" {\n  inherits = ["t${at + 1}", "t${at + 1}"]\n  attest = ["a${at}"]\n}`,
      )}\ntarget "t60" {}\ntarget "default" {\n  inherits = ["t0"]\n}`,
      /read/,
    ],
    [
      "a chain of targets",
      repeat(3_000, (at) => `target "t${at}" {\n  inherits = ["t${at + 1}"]\n  tags = ["${at}"]\n}`) +
        `\ntarget "t3000" {}\ngroup "default" {\n  targets = [${Array.from({ length: 3_000 }, (_, at) => `"t${at}"`).join(", ")}]\n}`,
      /nested too deeply|too much work/,
    ],
    ["a large file", "#".repeat(5_000_000), /larger than/],
  ])("%s", (_, text, message) => {
    expect(outcome(() => plan(text))).toMatch(message);
  });

  test("try and can do not hide a limit", () => {
    const bomb = doubling(
      '"0123456789"',
      (name) => `"\${${name}}\${${name}}"`,
      'c = can(v60)\nt = try(v60, "x")',
    );
    expect(outcome(() => plan(bomb))).toMatch(large);
  });

  test("JSON within JSON is limited", () => {
    expect(outcome(() => plan(value(`jsondecode("${"[".repeat(200_000)}")`)))).toMatch(/jsondecode|deeply/);
    expect(outcome(() => plan("[".repeat(500_000), "docker-bake.json"))).toMatch(/nested too deeply/);
  });
});

describe("compose files", { timeout: 120_000 }, () => {
  const service = (lines: string) => `services:\n  default:\n    build:\n      context: .\n${lines}\n`;
  test.each<[name: string, text: string, message: RegExp]>([
    [
      "defaults within defaults",
      service(`      args: { A: "${"${B:-".repeat(100_000)}${"}".repeat(100_000)}" }`),
      deep,
    ],
    ["a long variable, often", service(`      args: { A: "${"$LONG".repeat(100_000)}" }`), /more than/],
    [
      "a long variable in many texts",
      service(`      labels:\n${repeat(2_000, (at) => `        - l${at}=$LONG`)}`),
      /more than/,
    ],
    [
      "services that extend each other",
      `services:\n${repeat(2_000, (at) => `  s${at}: { extends: s${at + 1} }`)}\n  s2000: { build: . }\n  default: { extends: s0 }\n`,
      /read|deeply/,
    ],
    [
      "services of one other file",
      `services:\n${repeat(2_000, (at) => `  s${at}: { extends: { file: other.yaml, service: base } }`)}\n  default: { build: . }\n`,
      /read/,
    ],
    ["flow collections", `services: ${"[".repeat(100_000)}`, /./],
  ])("%s", (_, text, message) => {
    const other = `services:\n  base: { build: . }\n${repeat(2_000, (at) => `  o${at}: { image: a }`)}\n`;
    expect(outcome(() => plan(text, "compose.yaml", () => other))).toMatch(message);
  });
});

describe("settings of .env", () => {
  test.each([
    ["spaces", `A=${" ".repeat(300_000)}x ${" ".repeat(300_000)}y`, /read/],
    ["many variables", repeat(100_000, (at) => `V${at}=${at}`), /read/],
    ["quotes without an end", repeat(2_000, (at) => `V${at}="${at}`), /read/],
    [
      "variables that double",
      `V0=0123456789\n${repeat(60, (at) => `V${at + 1}=$V${at}$V${at}`)}`,
      /more than|too large/,
    ],
  ])("%s", (_, text, message) => {
    expect(outcome(() => withinLimits(() => readDotEnv(text, {})))).toMatch(message);
  });

  test("values are limited", () => {
    const text = `# comment\nexport A=1\n  B = two words # comment\nC: 'x $A'\nD="a\\nb $A\nnext line"\nE=#none\nF=a#b\n__proto__=p\nG=\nH='open\nI=5`;
    expect(Object.entries(readDotEnv(text, { A: "over" }))).toEqual([
      ["A", "1"],
      ["B", "two words"],
      ["C", "x $A"],
      ["D", "a\nb over\nnext line"],
      ["E", ""],
      ["F", "a#b"],
      ["__proto__", "p"],
      ["G", ""],
      ["H", "'open"],
      ["I", "5"],
    ]);
  });
});
