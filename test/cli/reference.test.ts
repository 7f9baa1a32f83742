import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { helpText } from "../../src/cli/help.ts";
import { ignoredText, referenceText } from "../../src/cli/reference.ts";
import { buildFlagTable } from "../../src/command/flags/build-flag-table.ts";

test("docs/cli.md has every command and flag: npm run reference", async () => {
  const text = readFileSync("docs/cli.md", "utf8");
  expect(text).toContain(`<!-- commands -->\n\n${await referenceText()}\n<!-- end of commands -->\n`);
  expect(text).toContain(`<!-- ignored -->\n\n${ignoredText(buildFlagTable)}\n<!-- end of ignored -->\n`);
});

test.each(Object.keys(commands))(
  "the help of %s fits 80 columns, and the list has its summary",
  async (name) => {
    const { spec } = (await commands[name]?.load()) ?? {};
    expect(spec).toMatchObject({ name, summary: commands[name]?.summary });
    if (spec === undefined) return;
    const help = helpText(spec, 80);
    expect(help.startsWith(`Usage:  varve ${name}`)).toBe(true);
    for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  },
);
