import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Folders and files that are not checked yet. */
const unchecked =
  /^src\/(?:playground\/|worker\/(?:builds\/|access\/(?:access-copies|callers|configured)\.ts))/;

const files = globSync(["src/**/*.ts", "schemas/*.ts"]).filter((file) => !unchecked.test(file));

function find(pattern: RegExp): string[] {
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(pattern)].map(([text]) => `${file}: ${text}`),
  );
}

test("limits are named MAX_ and MIN_", () => {
  expect(
    find(
      /^(?:export )?const ((?:MOST|LARGEST|LONGEST|HIGHEST|SHORTEST|SMALLEST|LEAST)(?:_\w+)?|(?:most|largest|longest|highest|maximum|shortest|smallest|least)(?:[A-Z]\w*)?) *[:=]/gm,
    ),
  ).toEqual([]);
});

test("constants that are numbers are in capital letters", () => {
  expect(find(/^(?:export )?const ([a-z]\w*) = -?\d/gm)).toEqual([]);
});

test("@throws has a type in braces", () => {
  expect(find(/@throws (?!\{|what|the|other|with )\S+/g)).toEqual([]);
});
