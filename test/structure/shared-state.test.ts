import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The prefixes in the first column of the tables below a heading: of R2 and KV, not the rows of other tables. */
function prefixesBelow(page: string, heading: string): string[] {
  const text = readFileSync(page, "utf8");
  const section = text.slice(text.indexOf(`\n## ${heading}\n`) + 1).split("\n## ")[0] ?? "";
  const cells = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = ""]) => cell);
  const words = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word));
  return words.flatMap((word) => /^[a-z-]+\//.exec(word) ?? []);
}

test("docs/security.md states who writes and reads each prefix of R2 and KV", () => {
  const stored = prefixesBelow("docs/architecture.md", "Names in R2 and KV");
  expect(stored.length).toBeGreaterThan(30);
  expect([...new Set(stored)].sort()).toEqual(
    [...new Set(prefixesBelow("docs/security.md", "Shared state"))].sort(),
  );
});
