import { describe, expect, it, test } from "vitest";
import { lintSource } from "../../../src/engine/plan/lint.ts";
import { image, worldOf } from "./plan-of.ts";

async function linesOf(text: string, options = {}, world = worldOf({})): Promise<string[]> {
  const found = await lintSource(text, options, world);
  return found.map(
    ({ code, severity, lines }) => `${severity === "error" ? "! " : ""}${lines.start} ${code}`,
  );
}

const unused = "FROM scratch AS a\nENV A $B\nFROM scratch\nENV C $D\n";

describe("a check", () => {
  it("checks all stages, or those of the target", async () => {
    const all = ["2 LegacyKeyValueFormat", "2 UndefinedVar", "4 LegacyKeyValueFormat", "4 UndefinedVar"];
    expect((await linesOf(unused)).sort()).toEqual(all);
    expect((await linesOf(unused, { target: "a" })).sort()).toEqual(all.slice(0, 2));
  });

  test.each([
    [
      "a fault of the text",
      "FROM scratch AS X\nFOO\n",
      ["1 StageNameCasing", "! 2 parse/unknown-instruction"],
    ],
    [
      "a fault of the plan",
      "FROM scratch AS X\nSTOPSIGNAL x\n",
      ["1 StageNameCasing", "! 2 plan/invalid-value"],
    ],
    ["an image that cannot be had", "FROM nowhere AS X\n", ["1 StageNameCasing", "! 1 base-unavailable"]],
    ["an unknown target", "FROM scratch\n", ["! 0 plan/unknown-target"]],
    [
      "findings that fail the build",
      "# check=error=true\nFROM scratch\nMAINTAINER x\n",
      ["3 MaintainerDeprecated", "! 0 plan/lint-violation"],
    ],
    ["a directive that cannot be read", "# check=foo=1\nFROM scratch\n", ["! 0 lint/check-directive"]],
  ])("ends with %s", async (_, text, lines) => {
    expect(await linesOf(text, text === "FROM scratch\n" ? { target: "t" } : {})).toEqual(lines);
  });

  it("obeys the build argument before the directive", async () => {
    const buildArgs = { BUILDKIT_DOCKERFILE_CHECK: "skip=all" };
    expect(await linesOf(`# check=error=true\n${unused}`, { buildArgs })).toEqual([]);
  });

  it("suggests a correction", async () => {
    const [found] = await lintSource("FROM scratch\nARG NAME=x\nUSER $NAMEE\n");
    expect(found).toMatchObject({ code: "UndefinedVar", help: "did you mean $NAME?" });
  });
});

describe("a base", () => {
  const text = "FROM base\nENV PATH=/opt:$PATH B=$OF_BASE\n";

  it("that is known shows which variables are undefined", async () => {
    const known = worldOf({ "docker.io/library/base:latest": image({ config: { Env: ["OF_BASE=1"] } }) });
    expect(await linesOf(text, {}, known)).toEqual([]);
    expect(await linesOf(text, {}, worldOf({ "docker.io/library/base:latest": image() }))).toEqual([
      "2 UndefinedVar",
    ]);
  });

  it("that cannot be resolved may define every variable", async () => {
    expect(await lintSource(text)).toEqual([]);
    expect(await lintSource("FROM base AS a\nFROM a\nUSER $OF_BASE\n")).toEqual([]);
    expect(await lintSource("FROM base AS a\nFROM scratch\nUSER $X\n")).toHaveLength(1);
  });
});
