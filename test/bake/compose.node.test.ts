import { describe, expect, test } from "vitest";
import { composeDefinitions } from "../../src/bake/compose/compose.ts";
import { interpolate } from "../../src/bake/compose/interpolate.ts";

// buildx accepts and rejects the same files.

let warnings: string[] = [];

function targetsOf(...texts: string[]): string[] {
  const files = texts.map((text, index) => ({ name: `${index}.yaml`, text }));
  const readFile = () => {
    throw new Error("There is no other file");
  };
  warnings = [];
  const warn = (message: string) => warnings.push(message);
  const { targets } = composeDefinitions(files, { environment: {}, readFile, warn });
  return targets.map(({ name }) => name);
}

describe("a compose file is rejected", () => {
  test.each([
    [
      "with services in the place of elements",
      "redis:\n  image: redis\n",
      /^0\.yaml: "redis" is not an.*below "services"$/,
    ],
    ["without services", "name: a\n", /has no services/],
    ["with services that are a text", "services: a\n", /services must be a mapping/],
    ["with a service that is nothing", "services:\n  a:\n", /services\.a must be a mapping/],
    ["with a service that is a text", "services:\n  a: b\n", /services\.a must be a mapping/],
    ["with an empty service", "services: {a: {}}\n", /"a" has neither an image nor a build/],
    ["with an empty image", 'services: {a: {image: ""}}\n', /"a" has neither an image nor a build/],
    ["with a build that is nothing", "services: {a: {image: b, build: }}\n", /services\.a\.build must be/],
  ])("%s", (_, text, message) => {
    expect(() => targetsOf(text)).toThrow(message);
  });
});

describe("a compose file is accepted", () => {
  test.each<[string, string[], string[]]>([
    ["with elements of its user", ["x-a: 1\nversion: '3'\nservices: {a: {build: .}}\n"], ["a"]],
    ["with an anchor that is merged", ["x-a: &a {build: .}\nservices: {a: {<<: *a}}\n"], ["a"]],
    ["with an empty build", ["services: {a: {build: {}}, b: {build: ''}}\n"], ["a", "b"]],
    ["whose build another file adds", ["services: {a: {}}\n", "services: {a: {build: .}}\n"], ["a"]],
    ["with a service that a provider runs", ["services: {a: {provider: {type: b}}}\n"], []],
  ])("%s", (_, texts, targets) => {
    expect(targetsOf(...texts)).toEqual(targets);
  });
});

test("elements of later versions, and misspelt ones, are reported", () => {
  expect(targetsOf("services: {a: {build: .}}\nvolume: {}\nlater: {}\n")).toEqual(["a"]);
  expect(warnings).toEqual([
    '0.yaml: "volume" is not an element of a compose file; did you mean "volumes"?',
    '0.yaml: "later" is not an element of a compose file',
  ]);
});

test.each([
  ["$(date)", "$(date)"],
  ["a $ b", "a $ b"],
  ["$5", "$5"],
  ["end$", "end$"],
  ["$$$", "$$"],
  ["$A$", "1$"],
  ["$(${A})", "$(1)"],
  ["$$A", "$A"],
  ["${A:-$}", "1"],
  ["${B:-$(x)}", "$(x)"],
])("a dollar sign that starts no variable stays: %s", (text, expected) => {
  expect(interpolate(text, { A: "1" }, () => {})).toBe(expected);
});
