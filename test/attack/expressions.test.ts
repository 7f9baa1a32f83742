import { globSync, readFileSync } from "node:fs";
import { check } from "recheck";
import { parseAst } from "vite";
import { expect, test } from "vitest";

interface Expression {
  place: string;
  pattern: string;
  flags: string;
}

/** All regular expressions that a source file has as literals. */
function expressionsOf(file: string): Expression[] {
  const text = readFileSync(file, "utf8");
  const found: Expression[] = [];
  JSON.stringify(parseAst(text, { lang: file.endsWith("x") ? "tsx" : "ts" }), (_, node) => {
    if (node?.type === "Literal" && node.regex) {
      const line = text.slice(0, node.start).split("\n").length;
      found.push({ place: `${file}:${line}`, ...node.regex });
    }
    return node instanceof RegExp || typeof node === "bigint" ? undefined : node;
  });
  return found;
}

const files = globSync(["src/**/*.{ts,tsx}", "schemas/**/*.ts"]);
const expressions = files.flatMap(expressionsOf);

test("there are expressions to check", () => {
  expect(expressions.length).toBeGreaterThan(300);
});

test("no regular expression takes more than linear time", { timeout: 300_000 }, async () => {
  const slow: string[] = [];
  for (const { place, pattern, flags } of expressions) {
    // recheck does not know the flag v; none here uses what only v has.
    const result = await check(pattern, flags.replace("v", "u"), { timeout: 20_000 });
    if (result.status === "safe") continue;
    const why = result.status === "vulnerable" ? result.complexity.summary : result.error.kind;
    slow.push(`${place} /${pattern}/${flags}: ${why}`);
  }
  expect(slow).toEqual([]);
});
