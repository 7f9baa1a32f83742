import { describe, expect, test } from "vitest";
import { formatRows, formatValue } from "../../../src/cli/format/format-text.ts";
import { compileTemplate } from "../../../src/cli/format/go-template.ts";

const value = {
  ID: "sha256:ab",
  Size: 5,
  Tags: ["a", "b"],
  Labels: { z: "1", y: "2" },
  None: [],
  Config: { User: "", Env: ["A=1", "B=2"] },
  IsOn: true,
};

/** What docker prints: checked with `docker context inspect --format`, for the parts that do not depend on the value. */
test.each([
  ["{{.ID}} {{.Size}}", "sha256:ab 5"],
  ["{{ .ID | upper }}", "SHA256:AB"],
  ["{{json .Tags}}", '["a","b"]'],
  ["{{.Tags}}", "[a b]"],
  ["{{.Labels}}", "map[y:2 z:1]"],
  ['{{join .Tags ", "}}', "a, b"],
  ['{{.Tags | len}}{{index .Tags 1}}{{index .Labels "z"}}', "2b1"],
  ["{{range .Config.Env}}{{println .}}{{end}}", "A=1\nB=2\n"],
  ["{{range .None}}x{{else}}empty{{end}}", "empty"],
  ["{{range .Labels}}{{.}}{{end}}", "21"],
  ["{{if .Config.User}}u{{else if .IsOn}}on{{else}}off{{end}}", "on"],
  ["{{with .Config}}{{.Env}} {{$.ID}}{{end}}", "[A=1 B=2] sha256:ab"],
  ["{{if eq .Size 5}}five{{end}}{{if and .IsOn (gt .Size 9)}}big{{end}}", "five"],
  ["a {{- .Size -}} b", "a5b"],
  ["{{/* nothing */}}{{`raw\\n`}}", "raw\\n"],
  ['{{"a\\tb"}}', "a\tb"],
  ["{{.Config.Missing}}", "<no value>"],
  ["{{(index .Tags 0) | title}}", "A"],
  ['{{(split "x:y" ":") | len}}', "2"],
  ["{{truncate .ID 3}}{{pad .ID 1 2}}|", "sha sha256:ab  |"],
  ["{{slice .ID 0 3}} {{slice .ID 7}}", "sha ab"],
  ["{{.Labels.z}}{{ '' }}".replace("{{ '' }}", ""), "1"],
])("%s", (template, text) => {
  expect(compileTemplate(template)(value)).toBe(text);
});

describe("errors", () => {
  test.each([
    ["{{.ID", "unclosed action"],
    ["{{if .ID}}", "{{if}} has no {{end}}"],
    ["{{end}}", "unexpected {{end}}"],
    ["{{.ID | }}", "missing value"],
    ["{{(.ID}}", "unclosed parenthesis"],
    ["{{.ID)}}", 'unexpected ")"'],
    ["{{$x := .ID}}", "unexpected"],
    ['{{define "a"}}{{end}}', "{{define}} is not supported"],
    ["{{.Nope}}", "no field .Nope: the fields are .ID, .Size"],
    ["{{printf .ID}}", 'function "printf" does not exist'],
    ["{{.ID .Size}}", "can't give an argument"],
    ["{{range .Size}}{{end}}", "range can't iterate"],
    ["{{pad .ID 100000 0}}", "is not a number from 0 to 1000"],
    [`${"{{if .ID}}".repeat(100)}${"{{end}}".repeat(100)}`, "more than 50"],
    [`{{${"(".repeat(100)}.ID${")".repeat(100)}}}`, "more than 50"],
  ])("%s", (template, message) => {
    expect(() => compileTemplate(template)(value)).toThrow(message);
  });

  test("report output above the limit of a template", () => {
    const items = Array.from({ length: 2000 }, () => "x".repeat(100));
    const template = compileTemplate("{{range .A}}{{range $.A}}{{.}}{{end}}{{end}}");
    expect(() => template({ A: items })).toThrow("prints more than");
  });
});

describe("formats of lists", () => {
  const rows = [
    { ID: "1", Name: "one" },
    { ID: "22", Name: "two\u001b[31m" },
  ];
  const format = (text: string | undefined) =>
    formatRows(rows, text, { table: () => "TABLE\n", titles: { ID: "IMAGE ID" } });

  test.each([
    [undefined, "TABLE\n"],
    ["table", "TABLE\n"],
    ["{{.ID}}\\t{{.Name}}", "1\tone\n22\ttwo\n"],
    ["table {{.ID}}\\t{{.Name}}", "IMAGE ID   NAME\n1          one\n22         two\n"],
  ])("%s", (text, printed) => {
    expect(format(text)).toBe(printed);
  });

  test("an unknown format name is an error, not a template without fields", () => {
    expect(() => format("yaml")).toThrow('invalid format "yaml"');
    expect(() => formatValue({}, "{{.A}}")).toThrow("invalid template: no field .A");
  });
});
