import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Sources of the projects that the benchmarks build are not code of varve. */
const files = globSync(["src/**/*.{ts,tsx}", "schemas/*.ts", "test/**/*.{ts,tsx}"]).filter(
  (file) => !/^test\/(?:bench\/projects\/|fixtures\/|structure\/names)/.test(file),
);

function find(pattern: RegExp): string[] {
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(pattern)].map(([text]) => `${file}: ${text}`),
  );
}

const LIMIT = "most|largest|longest|highest|maximum|deepest|widest|least|smallest|shortest|lowest|minimum";

test("files are checked", () => {
  expect(files.length).toBeGreaterThan(1000);
  expect(find(/^const MAX_\w+ =/gm).length).toBeGreaterThan(100);
});

test("constants that are limits are named MAX_ and MIN_", () => {
  expect(find(new RegExp(`^(?:export )?const (?:${LIMIT.toUpperCase()})(?:_\\w+)? *[:=]`, "gm"))).toEqual([]);
  expect(find(new RegExp(`^(?:export )?const (?:${LIMIT})(?:[A-Z]\\w*)? *[:=]`, "gm"))).toEqual([]);
  expect(find(/^(?:export )?const \w+_(?:MAX|MIN|LIMIT) *[:=]/gm)).toEqual([]);
});

test("options and parameters that are limits are named max and min", () => {
  // JSON Schema has the keyword `maximum`.
  const name = `(?!maximum|minimum)(?:${LIMIT})(?:[A-Z]\\w*)?`;
  expect(find(new RegExp(`(?:\\(|, )${name}: number\\b| ${name}\\?: number\\b`, "g"))).toEqual([]);
});

test("constants that are numbers are in capital letters", () => {
  expect(find(/^(?:export )?const ([a-z]\w*) = -?\d/gm)).toEqual([]);
});

test("errors are documented with @throws and a type in braces", () => {
  expect(find(/@throws (?!\{|what|the|other)\S+/g)).toEqual([]);
  expect(find(/^ *(?:\*|\/\*\*).* Throws (?:an? )?(?:`|\{@link|\w+Error\b).*/gm)).toEqual([]);
});
