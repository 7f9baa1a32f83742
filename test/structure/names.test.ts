import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Folders that are not checked yet. */
const unchecked = /^src\/(?:cli|command|serve|worker|playground)\//;
/** Exported names that an unchecked folder imports. */
const known = ["LARGEST_PACK", "largestPack", "endedCloseCode"];

const files = globSync(["src/**/*.ts", "schemas/*.ts"]).filter((file) => !unchecked.test(file));

function find(pattern: RegExp): string[] {
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(pattern)]
      .filter(([, name = ""]) => !known.includes(name))
      .map(([text]) => `${file}: ${text}`),
  );
}

test("limits are named MAX_ and MIN_", () => {
  expect(
    find(
      /^(?:export )?const ((?:MOST|LARGEST|LONGEST|HIGHEST|SHORTEST|SMALLEST)(?:_\w+)?|(?:most|largest|longest|highest|maximum|shortest|smallest)(?:[A-Z]\w*)?) *[:=]/gm,
    ),
  ).toEqual([]);
});

test("constants that are numbers are in capital letters", () => {
  expect(find(/^(?:export )?const ([a-z]\w*) = -?\d/gm)).toEqual([]);
});

test("@throws has a type in braces", () => {
  expect(find(/@throws (?!\{|what|the|other|with )\S+/g)).toEqual([]);
});
