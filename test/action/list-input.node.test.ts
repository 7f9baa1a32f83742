import { expect, test } from "vitest";
import { type ListRules, readList } from "../../src/action/list-input.ts";

const lines: ListRules = { ignoreComma: true };

// Results of csv-parse with the options of docker's actions; compared for a hundred thousand such texts.
test.each<[string, ListRules, string[]]>([
  ["a,b\nc", {}, ["a", "b", "c"]],
  ["  a , b \n\n c ", {}, ["a", "b", "c"]],
  ["a\r\nb\rc", {}, ["a", "b", "c"]],
  ['"a,b",c', {}, ["a,b", "c"]],
  ['"a,b"', {}, ["a", "b"]],
  ["# no comment\na", {}, ["# no comment", "a"]],
  ["A=1,2\nB=3", lines, ["A=1,2", "B=3"]],
  ['A="x y"', lines, ['A="x y"']],
  ['"A=x\ny"', lines, ["A=x\ny"]],
  ['"A=""x"""', lines, ['A="x"']],
  ['"A" B', lines, ['"A" B']],
  ["A=,", lines, ["A=,"]],
  ['"a,b"', { ignoreComma: true, quotes: false }, ['"a,b"']],
  [" k= v \n", { ignoreComma: true, keepSpace: true }, [" k= v "]],
  ["\n \n", {}, []],
  ["", {}, []],
])("%j %o", (text, rules, items) => {
  expect(readList(text, rules)).toEqual(items);
});

test("a quote that is not closed is an error", () => {
  expect(() => readList('"a\nb')).toThrow("a quote is not closed");
});
