import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";

/** Modules that replace modules of Node in the package and in the page. */
const unchecked = /^src\/(?:cli\/package\/zlib|playground\/browser\/node-(?:crypto|zlib))\.ts$/;
/** A hook for tests, and a function that the conformance suite checks; the command has another one. */
const forTests = new Set(["countedWork", "describe"]);

const source = readAll(["src/**/*.{ts,tsx}", "schemas/*.ts"]);
const tests = readAll(["test/**/*.{ts,tsx}"]);

function readAll(patterns: string[]): Map<string, { text: string; words: Set<string> }> {
  return new Map(
    globSync(patterns).map((file) => {
      const text = readFileSync(file, "utf8");
      return [file, { text, words: new Set(text.match(/\w+/g)) }];
    }),
  );
}

function isUsed(name: string, file: string, users: typeof source): boolean {
  return [...users].some(
    ([other, { text, words }]) => other !== file && words.has(name) && text.includes(`/${basename(file)}"`),
  );
}

const exported = [...source].flatMap(([file, { text }]) =>
  file.startsWith("schemas/") || unchecked.test(file)
    ? []
    : [...text.matchAll(/^export (?:async )?(?:function\*?|class|const) (\w+)/gm)].map(([, name = ""]) => ({
        file,
        name,
        isUsedHere: text.split(new RegExp(`\\b${name}\\b`)).length > 2,
      })),
);

test("every exported function, class and constant is imported", () => {
  const unused = exported.filter(
    ({ file, name }) => !isUsed(name, file, source) && !isUsed(name, file, tests),
  );
  expect(unused).toEqual([]);
});

test("no code is used by tests alone", () => {
  const dead = exported.filter(
    ({ file, name, isUsedHere }) => !isUsedHere && !forTests.has(name) && !isUsed(name, file, source),
  );
  expect(dead).toEqual([]);
});
