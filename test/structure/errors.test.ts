import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const source = globSync("src/**/*.{ts,tsx}").map((file) => readFileSync(file, "utf8"));

const errors = source.flatMap((file) =>
  [...file.matchAll(/^(?:export )?class (\w+) extends \w*Error\b[^{]*\{(.*?)^\}/gms)].map(
    ([, name = "", body = ""]) => ({ name, body }),
  ),
);

/** The classes that code compares errors with: `instanceof`, in a list of classes, or by name after an RPC. */
const lookedFor = new Set(
  source.flatMap((file) => [
    ...[...file.matchAll(/instanceof (\w+)|\bname [!=]== "(\w+)"/g)].map(([, type, name]) => type ?? name),
    ...[...file.matchAll(/\[([\w, ]+)\]\.some/g)].flatMap(([, list = ""]) => list.split(", ")),
  ]),
);

/** Whether a class has fields besides its name and message. */
function hasFields(body: string): boolean {
  return /^ {2}(?:override )?readonly \w+/m.test(body);
}

test("there are error classes", () => {
  expect(errors.length).toBeGreaterThan(50);
});

test("code looks for each error class, or the class has fields", () => {
  expect(
    errors.filter(({ name, body }) => !hasFields(body) && !lookedFor.has(name)).map(({ name }) => name),
  ).toEqual([]);
});
