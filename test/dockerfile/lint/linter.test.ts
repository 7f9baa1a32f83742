import { describe, expect, test } from "vitest";
import { DockerfileError } from "../../../src/dockerfile/diagnostic.ts";
import { readDockerfile } from "../../../src/dockerfile/instructions.ts";
import { defaultChecks, readCheckOptions } from "../../../src/dockerfile/lint/check-directive.ts";
import { Linter } from "../../../src/dockerfile/lint/linter.ts";
import { type RuleName, rules, warn } from "../../../src/dockerfile/lint/rules.ts";

const lines = { start: 3, end: 4 };

/** Findings about a text, as `<rule> <first line>`. */
function findings(text: string, check?: string): string[] {
  return readDockerfile(text, { check }).diagnostics.map((found) => `${found.code} ${found.lines.start}`);
}

describe("a rule that the text alone decides", () => {
  const cases: { rule: RuleName; bad: string; line: number; good: string }[] = [
    { rule: "StageNameCasing", bad: "FROM a AS Build", line: 1, good: "FROM a AS build" },
    { rule: "FromAsCasing", bad: "FROM a as b", line: 1, good: "FROM a AS b" },
    { rule: "FromAsCasing", bad: "from a AS b", line: 1, good: "From a as b\nRUN x" },
    {
      rule: "NoEmptyContinuation",
      bad: "FROM a\nRUN b \\\n\n c",
      line: 4,
      good: "FROM a\nRUN b \\\n# d\n c",
    },
    { rule: "ConsistentInstructionCasing", bad: "FROM a\nrun b", line: 2, good: "from a\nrun b" },
    { rule: "ConsistentInstructionCasing", bad: "From a\nRUN b", line: 1, good: "FROM a\nRUN b" },
    {
      rule: "DuplicateStageName",
      bad: "FROM a AS b\nFROM a AS B",
      line: 2,
      good: "FROM a AS b\nFROM a AS c",
    },
    { rule: "ReservedStageName", bad: "FROM a AS scratch", line: 1, good: "FROM scratch AS a" },
    {
      rule: "MaintainerDeprecated",
      bad: "FROM a\nMAINTAINER b",
      line: 2,
      good: "FROM a\nLABEL maintainer=b",
    },
    { rule: "InvalidDefinitionDescription", bad: "# c\nFROM a AS b", line: 2, good: "# b is\nFROM a AS b" },
    {
      rule: "InvalidDefinitionDescription",
      bad: "FROM a\n# c\nARG b",
      line: 3,
      good: "FROM a\n# c\n#\nARG b",
    },
  ];
  test.each(cases)("$rule: $bad", ({ rule, bad, line, good }) => {
    expect(findings(bad, "experimental=all")).toContain(`${rule} ${line}`);
    expect(findings(good, "experimental=all").filter((found) => found.startsWith(rule))).toEqual([]);
  });
});

describe("the check directive", () => {
  const text = "FROM a as Build";

  test.each([
    ["", ["StageNameCasing 2", "FromAsCasing 2"]],
    ["skip=StageNameCasing", ["FromAsCasing 2"]],
    ["skip=StageNameCasing,FromAsCasing", []],
    ["skip=all", []],
    ["error=true", ["StageNameCasing 2", "FromAsCasing 2"]],
  ])("%j", (check, expected) =>
    expect(findings(`# check=${check || "error=false"}\n${text}`)).toEqual(expected),
  );

  test("is overridden by the option", () => {
    expect(findings(`# check=skip=all\n${text}`, "skip=FromAsCasing")).toEqual(["StageNameCasing 2"]);
  });

  test("above an instruction applies to that instruction", () => {
    const skip = "# check=skip=MaintainerDeprecated\n";
    expect(findings(`FROM a\n${skip}MAINTAINER b\nMAINTAINER c`)).toEqual(["MaintainerDeprecated 4"]);
    expect(findings("FROM a\n# check=nonsense\nMAINTAINER b")).toEqual(["MaintainerDeprecated 3"]);
  });

  test("enables experimental rules by name", () => {
    const found = ["InvalidDefinitionDescription 3"];
    const described = "# a\nFROM b AS c";
    expect(findings(`# check=experimental=InvalidDefinitionDescription\n${described}`)).toEqual(found);
    expect(findings(`# check=skip=all;experimental=all\n${described}`)).toEqual(found);
    expect(findings(`#\n${described}`)).toEqual([]);
  });

  test.each([
    ["skip", 'invalid check option "skip"'],
    ["skips=all", 'invalid check option "skips"'],
    ["error=x", 'failed to parse check option "error=x": strconv.ParseBool: parsing "x": invalid syntax'],
  ])("%s is rejected", (check, reason) => {
    expect(() => readDockerfile(`# check=${check}\nFROM a`)).toThrow(DockerfileError);
    expect(() => readDockerfile("FROM a", { check })).toThrow(`failed to parse check options: ${reason}`);
  });
});

describe("a linter", () => {
  test("fails the build when configured to and there are findings", () => {
    const strict = new Linter(readCheckOptions("error=true;skip=FromAsCasing"));
    expect(strict.failure).toBeUndefined();
    strict.warn("FromAsCasing", lines, "FROM", "as");
    expect(strict.failure).toBeUndefined();
    strict.above(["check=skip=all"]).warn("MaintainerDeprecated", lines);
    strict.above(["about"]).warn("StageNameCasing", lines, "A");
    strict.warn("StageNameCasing", lines, "B");
    strict.warn("NoEmptyContinuation", lines);
    expect(strict.failure).toBe("lint violation found for rules: StageNameCasing, NoEmptyContinuation");

    const lenient = new Linter(defaultChecks);
    lenient.warn("StageNameCasing", lines, "A");
    expect(lenient.failure).toBeUndefined();
  });

  test("adds a page and a hint to each finding", () => {
    expect(warn("UndefinedVar", lines, "PAHT", "PATH")).toEqual({
      code: "UndefinedVar",
      severity: "warning",
      message: "Usage of undefined variable '$PAHT' (did you mean $PATH?)",
      lines,
      help: "did you mean $PATH?",
      url: "https://docs.docker.com/go/dockerfile/rule/undefined-var/",
    });
    expect(warn("InvalidBaseImagePlatform", lines, "a", "linux/amd64", "linux/arm64")).toEqual({
      code: "InvalidBaseImagePlatform",
      severity: "warning",
      message:
        'Base image a was pulled with platform "linux/arm64", expected "linux/amd64" for current build',
      lines,
    });
  });
});

test("rules have unique names", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(22);
});
