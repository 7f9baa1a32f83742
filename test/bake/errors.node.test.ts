import { describe, expect, test } from "vitest";
import { BakeError } from "../../src/bake/error.ts";
import { type BakeFile, planTargets, readDefinitions } from "../../src/bake/read.ts";

const warnings: string[] = [];

function plan(text: string, name?: string, others?: Record<string, string>) {
  return planTargets(definitionsOf(text, name, others), ["default"], [], {});
}

function definitionsOf(text: string, name = "docker-bake.hcl", others: Record<string, string> = {}) {
  warnings.length = 0;
  const files: BakeFile[] = [{ name, text }];
  return readDefinitions(files, {
    environment: {},
    composeEnvironment: {},
    localPlatform: "linux/amd64",
    now: new Date(0),
    warn: (message) => warnings.push(message),
    readFile(path) {
      const found = others[path];
      if (found === undefined) throw new Error("there is no such file");
      return found;
    },
  });
}

const inTarget = (lines: string) => `target "default" {\n${lines}\n}\n`;

describe("errors in HCL have a position", () => {
  test.each([
    [inTarget("tags = [foo]"), '2,9: There is no variable "foo"'],
    [inTarget('tags = ["a"'), '3,1: Expected "," or "]" in a list, but found "}"'],
    [inTarget("tags = ["), '3,1: Expected an expression, but found "}"'],
    [inTarget('tags = ["a\n"]'), "2,11: A string cannot contain a line break: use \\n or a here-document"],
    [inTarget('tags = ["${a"]'), '2,13: Expected "}" at the end of a template sequence, but found "\\""'],
    [inTarget('tags = "a"'), "2,9: A list of strings is required, not string"],
    [inTarget("pull = 5"), "2,8: A bool for pull is required, not number"],
    [inTarget("args = { a = [1] }"), "2,8: A string for a is required, not a list"],
    [inTarget("tags = [1 / 0]"), "2,9: Division by zero"],
    [
      inTarget('tags = [uper("a")]'),
      'Cannot call the function "uper": it does not exist; did you mean "upper"?',
    ],
    [
      inTarget('tags = [cidrhost("a", 1)]'),
      'Cannot call the function "cidrhost": varve does not implement it',
    ],
    [inTarget('tags = [upper("a", "b")]'), "2,9: upper takes 1 argument, but got 2"],
    [inTarget('tags = [["a"][3]]'), "2,9: The list of 1 elements has no element 3"],
    [inTarget('tags = ["\\q"]'), '"\\q" is not an escape'],
    [inTarget("tags = []\ntags = []"), '3,1: The argument "tags" is set twice'],
    [inTarget("tags = target.default.tags"), "target.default.tags refers to itself"],
    [inTarget("tags = target.other.tags"), 'There is no target "other"'],
    [inTarget("name = upper(1)"), "name requires matrix"],
    [inTarget("matrix = { a = [1, 2] }"), 'makes two targets "default"'],
    [inTarget("dockerfile-inline = <<EOT\nFROM x"), 'No line "EOT" ends this here-document'],
    ['variable "a" { default = b }\nvariable "b" { default = a }', 'The variable "a" refers to itself'],
    ['function "f" {\n  params = [x]\n  result = f(x)\n}\nv = f(1)', 'The function "f" refers to itself'],
    ['target "a b" {}', 'The name "a b" is not valid'],
    ["target {}", "1,1: A target has one label, its name"],
    ['group "g" {}', 'The group "g" has no targets'],
    [
      'variable "p" {\n  default = 1\n  validation {\n    condition = p > 5\n    error_message = "p is small"\n  }\n}',
      "p is small",
    ],
    ["/* never ends", "1,1: This comment has no end"],
    ['target "b" { dockerfile = "x"\n}', '1,14: A target that starts on the line of "{" has one argument'],
    ['target "b" { a = 1 b = 2 }', '1,14: A target that starts on the line of "{" has one argument'],
    ['variable "v" { validation { } }', '1,16: Expected "=" after validation, but found "{"'],
    [inTarget('dockerfile = "x" }'), '2,18: Expected the end of the line, but found "}"'],
    ['group "g" {\n  targets = []\n', '1,11: This block has no "}"'],
    [inTarget("tags = l.0.1"), "2,11: Two indexes cannot follow each other after dots: write [0][…]"],
    [
      inTarget('tags = true ? ["a"] : "b"'),
      '2,15: Both results of "?" need the same type, but they are list and string',
    ],
    [inTarget("tags = [null]"), "2,8: A string is required, not null"],
    [inTarget('tags = [{ a = "b" }]'), "2,8: A string is required, not object"],
    [inTarget('dockerfile = "\\ud83d"'), '2,15: "\\ud83d" is half a character'],
    ['function "f" {\n  params = ["a"]\n  result = "x"\n}', "2,14: params may contain only names"],
    [
      'function "f" {\n  params = []\n  reslt = "x"\n}',
      '3,3: A function has no argument "reslt"; did you mean "result"?',
    ],
    [inTarget(`tags = ${"[".repeat(5000)}`), "Expressions are nested too deeply"],
    [inTarget(`args = { a = ${"!".repeat(5000)}true }`), "Expressions are nested too deeply"],
  ])("%s", (text, message) => {
    let error: unknown;
    try {
      plan(text);
    } catch (cause) {
      error = cause;
    }
    expect(error).toBeInstanceOf(BakeError);
    expect((error as BakeError).message).toContain(message);
    expect((error as BakeError).message).toMatch(/^docker-bake\.hcl:\d+,\d+: /);
  });
});

test("warns about names that are probably mistakes", () => {
  plan(
    'tagret "x" {}\ntarget "default" {\n  tag = ["a"]\n  more { x = 1 }\n}\nvariable "V" { defualt = 1 }\n',
  );
  expect(warnings).toEqual([
    'docker-bake.hcl:1,1: unknown block "tagret"; did you mean "target"?',
    'docker-bake.hcl:6,16: a variable has no argument "defualt"; did you mean "default"?',
    'docker-bake.hcl:3,3: a target has no argument "tag"; did you mean "tags"?',
    'docker-bake.hcl:4,3: a target has no block "more"',
  ]);
});

test("--set with += adds to lists", () => {
  const definitions = definitionsOf(inTarget('tags = ["a"]\n  attest = ["type=sbom"]'));
  const values = (...overrides: string[]) =>
    planTargets(definitions, ["default"], overrides, {}).targets.get("default")?.values;
  expect(values("*.tags+=b", "*.tags+=c")).toMatchObject({ tags: ["a", "b", "c"] });
  expect(values("default.output+=out")).toMatchObject({ output: ["out"] });
  expect(values("*.tags=b")).toMatchObject({ tags: ["b"] });
});

test("objects are accepted in place of specifications", () => {
  const { targets } = plan(
    inTarget(
      'output = [{ dest = "a,b", type = "local" }]\nsecret = [{ id = "x", src = "y" }]\ncache-from = ["a"]',
    ),
  );
  expect(targets.get("default")?.values).toMatchObject({
    output: ['type=local,"dest=a,b"'],
    secret: ["id=x,src=y"],
  });
});

describe("errors in JSON have a position", () => {
  test.each([
    ['{"target": {"default": {"tags": [1,]', '1,36: JSON does not allow "," before "]"'],
    ['{"target": []} x', '1,16: Expected the end of the file, but found "x"'],
    ['{"target": {"default": 5}}', "1,24: An object is required"],
    ['{"target": {"default": {"tags": ["${x}"]}}}', 'There is no variable "x"'],
    ['{"target": {"default": {"tags": ["a",]}}}', '1,38: JSON does not allow "," before "]"'],
    ['{"target": {"default": {"args": {"A": "1", "A": "2"}}}}', '1,44: The member "A" is set twice'],
    ["{target: {}}", "1,2: Expected the name of a member in double quotes"],
    ['{"a": upper("x")}', '1,7: Expected a value in JSON, but found "upper"'],
    ['{"a": "b\nc"}', "1,9: Expected '\"' at the end of a string, but found the end of the line"],
  ])("%s", (text, message) => {
    expect(() => plan(text, "docker-bake.json")).toThrow(`docker-bake.json:`);
    expect(() => plan(text, "docker-bake.json")).toThrow(message);
  });
});

describe("errors in compose files have a position", () => {
  const service = (lines: string) => `services:\n  a:\n${lines}\n`;
  test.each([
    ["services: [", "compose.yaml:1,12:"],
    ["- a", "A compose file must be a mapping with services"],
    [
      service("    build: ${UNSET:?say it}"),
      "compose.yaml:3,12: required variable UNSET is missing a value: say it",
    ],
    [service("    build: ${A"), "compose.yaml:3,12: invalid interpolation format"],
    [service("    extends: b\n    build: ."), 'cannot extend service "b": it does not exist'],
    [service("    extends: a\n    build: ."), 'the service "a" extends itself'],
    [
      service("    extends: { file: other.yaml, service: b }"),
      'cannot extend "b" of other.yaml: there is no such file',
    ],
    [service("    build: { context: ., secrets: [x] }"), 'the secret "x" is not defined'],
    [service("    build: { context: ., shm_size: many }"), 'invalid size: "many"'],
    [
      `x-a: &a [x, x]\n${[..."bcdefghijk"].map((name, at) => `x-${name}: &${name} [*${"abcdefghij"[at]}, *${"abcdefghij"[at]}, *${"abcdefghij"[at]}]`).join("\n")}`,
      "alias",
    ],
  ])("%s", (text, message) => {
    expect(() => plan(text, "compose.yaml")).toThrow(message);
  });
});

test("the context of a service is relative to the file of the service", () => {
  const other =
    "services:\n  base:\n    build: { context: ./app, args: { A: 1 }, additional_contexts: { lib: ../lib } }\n";
  const { targets } = planBuildOf(
    "services:\n  default:\n    extends: { file: sub/other.yaml, service: base }\n    build: { args: { B: 2 } }\n",
    { "sub/other.yaml": other },
  );
  expect(targets.get("default")?.values).toMatchObject({
    context: "sub/app",
    args: new Map([
      ["A", "1"],
      ["B", "2"],
    ]),
    contexts: new Map([["lib", "lib"]]),
  });
});

function planBuildOf(text: string, others: Record<string, string>) {
  return plan(text, "compose.yaml", others);
}

test("env files, profiles and the newer members of build", () => {
  const { targets } = plan(
    `services:
  default:
    profiles: [never]
    env_file: app.env
    build:
      context: .
      network: none
      platforms: [linux/amd64]
      ssh: [default, id=key]
      pull: true
      no_cache: true
      isolation: hyperv
      foo: bar
      provenance: mode=max
      sbom: true
      extra_hosts: ["a=1.2.3.4"]
      args: [WORD, QUOTED, EXPANDED]
`,
    "compose.yaml",
    { "app.env": "# comment\nexport WORD=plain # rest\nQUOTED='a $b'\nEXPANDED=\"${WORD}-x\\n\"\n" },
  );
  expect(targets.get("default")?.values).toMatchObject({
    args: new Map([
      ["WORD", "plain"],
      ["QUOTED", "a $b"],
      ["EXPANDED", "plain-x\n"],
    ]),
    network: "none",
    platforms: ["linux/amd64"],
    ssh: ["default", "id=key"],
    pull: true,
    "no-cache": true,
    attest: ["type=provenance,mode=max", "type=sbom,disabled=false"],
    "extra-hosts": new Map([["a", "1.2.3.4"]]),
  });
  expect(warnings).toEqual([
    "services.default.build.isolation has no effect: it applies to Windows only",
    'services.default.build has an unknown member "foo"',
  ]);
});
