import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Files that a bundler puts in the place of another module, so their names are those of that module. */
const replacements = new Set([
  "src/cli/package/playground-assets.ts",
  "src/cli/package/runner-program-words.ts",
  "src/cli/package/worker-bundle.ts",
  "src/cli/package/zlib.ts",
  "src/playground/browser/node-zlib.ts",
]);

/** Names that may be declared more than once, by the reason. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "Each folder of the page has one catalogue of texts.": ["messages"],
  "A route plans with the engine's function.": ["plan"],
  "The Worker answers with what the schema of that name describes.": ["checkResult", "insights"],
  "The client's view of the server, and what a runner serves.": ["Service"],
};

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm;

/** Files by the names that they declare and export. */
function exportedNames(): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const file of globSync(["src/**/*.{ts,tsx}", "schemas/*.ts"])) {
    if (replacements.has(file)) continue;
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(DECLARATION)) {
      names.set(name, (names.get(name) ?? new Set()).add(file));
    }
  }
  return names;
}

test("an exported name has one meaning", () => {
  const known = new Set(Object.values(allowed).flat());
  const found = [...exportedNames()].filter(([, files]) => files.size > 1);
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(([name]) => !known.has(name)).map(([name, files]) => [name, ...files])).toEqual([]);
});

test("the allowed names are still declared more than once", () => {
  const names = exportedNames();
  const single = Object.values(allowed)
    .flat()
    .filter((name) => (names.get(name)?.size ?? 0) < 2);
  expect(single).toEqual([]);
});
