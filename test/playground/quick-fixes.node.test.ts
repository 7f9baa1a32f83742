import { describe, expect, test } from "vitest";
import { lintSource } from "../../src/engine/plan/lint.ts";
import { quickFixes, type TextEdit } from "../../src/playground/editor/quick-fixes.ts";

/** Applies edits that do not overlap. */
function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const { from, to, insert } of [...edits].sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + insert + result.slice(to);
  }
  return result;
}

/** A Dockerfile with a finding, the rule of the finding, and the text after the first fix. */
const cases: [rule: string, before: string, after: string][] = [
  [
    "StageNameCasing",
    "FROM scratch AS Base\nCOPY . /\nFROM Base\nCOPY --from=Base /a /a\n",
    "FROM scratch AS base\nCOPY . /\nFROM base\nCOPY --from=base /a /a\n",
  ],
  ["FromAsCasing", "FROM scratch as x\n", "FROM scratch AS x\n"],
  ["NoEmptyContinuation", "FROM scratch\nCOPY a \\\n\n  /b\n", "FROM scratch\nCOPY a \\\n  /b\n"],
  ["ConsistentInstructionCasing", "FROM scratch\nCOPY a /\ncopy b /\n", "FROM scratch\nCOPY a /\nCOPY b /\n"],
  ["JSONArgsRecommended", "FROM scratch\nCMD run it --now\n", 'FROM scratch\nCMD ["run", "it", "--now"]\n'],
  [
    "JSONArgsRecommended",
    "FROM scratch\nENTRYPOINT exec run $X\n",
    'FROM scratch\nENTRYPOINT ["/bin/sh", "-c", "exec run $X"]\n',
  ],
  [
    "MaintainerDeprecated",
    'FROM scratch\nMAINTAINER A "B" <c@d>\n',
    'FROM scratch\nLABEL org.opencontainers.image.authors="A \\"B\\" <c@d>"\n',
  ],
  ["LegacyKeyValueFormat", "FROM scratch\nENV A b c\n", 'FROM scratch\nENV A="b c"\n'],
  ["LegacyKeyValueFormat", "FROM scratch\nLABEL a b\n", "FROM scratch\nLABEL a=b\n"],
  ["WorkdirRelativePath", "FROM scratch\nWORKDIR app\n", "FROM scratch\nWORKDIR /app\n"],
  ["RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM scratch\n", "FROM scratch\n"],
  ["ExposeProtoCasing", "FROM scratch\nEXPOSE 80/TcP\n", "FROM scratch\nEXPOSE 80/tcp\n"],
  ["ExposeInvalidFormat", "FROM scratch\nEXPOSE 127.0.0.1:8080:80/tcp\n", "FROM scratch\nEXPOSE 80/tcp\n"],
  [
    "UndefinedVar",
    "FROM scratch\nENV VERSION=1\nLABEL v=$VERSIN\n",
    "FROM scratch\nENV VERSION=1\nLABEL v=$VERSION\n",
  ],
  ["parse/unknown-instruction", "FROM scratch\nCOPI a /\n", "FROM scratch\nCOPY a /\n"],
  ["parse/unknown-flag", "FROM scratch\nCOPY --chwon=1 a /\n", "FROM scratch\nCOPY --chown=1 a /\n"],
];

describe("quickFixes", () => {
  test.each(cases)("fixes %s", async (rule, before, after) => {
    const finding = (await lintSource(before)).find(({ code }) => code === rule);
    if (finding === undefined) throw new Error(`${rule} is not found`);
    const [fix] = quickFixes(before, finding);
    expect(applyEdits(before, fix?.edits ?? [])).toBe(after);
    expect((await lintSource(after)).map(({ code }) => code)).not.toContain(rule);
  });

  test("can disable a rule in the file, and keep existing directives", async () => {
    const texts = [
      "FROM scratch as x\n",
      "# syntax=docker/dockerfile:1\nFROM scratch as x\n",
      "# check=skip=StageNameCasing\nFROM scratch as x\n",
      "# syntax=x\n# check=error=true;skip=StageNameCasing\nFROM scratch as x\n",
      "# check=error=false\nFROM scratch as x\n",
    ];
    for (const text of texts) {
      const finding = (await lintSource(text)).find(({ code }) => code === "FromAsCasing");
      if (finding === undefined) throw new Error("it is not found");
      const skipped = applyEdits(text, quickFixes(text, finding).at(-1)?.edits ?? []);
      expect((await lintSource(skipped)).map(({ code }) => code)).toEqual([]);
    }
  });
});
