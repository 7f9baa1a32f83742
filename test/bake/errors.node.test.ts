import { describe, expect, test } from "vitest";
import { BakeError } from "../../src/bake/error.ts";
import { type BakeFile, planTargets, readDefinitions } from "../../src/bake/read.ts";

const warnings: string[] = [];

function plan(text: string, name = "docker-bake.hcl", others: Record<string, string> = {}) {
  warnings.length = 0;
  const files: BakeFile[] = [{ name, text }];
  const definitions = readDefinitions(files, {
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
  return planTargets(definitions, ["default"], [], {});
}

const inTarget = (lines: string) => `target "default" {\n${lines}\n}\n`;

describe("HCL says where it is at fault", () => {
  test.each([
    [inTarget("tags = [foo]"), '2,9: There is no variable "foo"'],
    [inTarget('tags = ["a"'), '3,1: Expected "," or "]" in a list, but found "}"'],
    [inTarget("tags = ["), '3,1: Expected an expression, but found "}"'],
    [inTarget('tags = ["a\n"]'), "2,11: A string ends on its line; use \\n or a here-document"],
    [inTarget('tags = ["${a"]'), '2,13: Expected "}" at the end of a template sequence, but found "\\""'],
    [inTarget('tags = "a"'), "2,9: A list of texts is required, and this is string"],
    [inTarget("pull = 5"), "2,8: A bool for pull is required, and this is number"],
    [inTarget("args = { a = [1] }"), "2,8: A text for a is required, and this is a list"],
    [inTarget("tags = [1 / 0]"), "2,9: Division by zero"],
    [
      inTarget('tags = [uper("a")]'),
      'Cannot call the function "uper": it does not exist; did you mean "upper"?',
    ],
    [inTarget('tags = [cidrhost("a", 1)]'), 'Cannot call the function "cidrhost": varve does not have it'],
    [inTarget('tags = [upper("a", "b")]'), "2,9: upper takes 1 argument, and got 2"],
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

test("names that are probably mistakes are warned of", () => {
  plan('tagret "x" {}\ntarget "default" {\n  tag = ["a"]\n  more { x = 1 }\n}\n');
  expect(warnings).toEqual([
    'docker-bake.hcl:1,1: unknown block "tagret"; did you mean "target"?',
    'docker-bake.hcl:3,3: a target has no argument "tag"; did you mean "tags"?',
    'docker-bake.hcl:4,3: a target has no block "more"',
  ]);
});

test("objects stand for specifications", () => {
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

describe("JSON says where it is at fault", () => {
  test.each([
    ['{"target": {"default": {"tags": [1,]', "1,37: Expected "],
    ['{"target": []} x', '1,16: Expected the end of the file, but found "x"'],
    ['{"target": {"default": 5}}', "1,24: An object is required"],
    ['{"target": {"default": {"tags": ["${x}"]}}}', 'There is no variable "x"'],
  ])("%s", (text, message) => {
    expect(() => plan(text, "docker-bake.json")).toThrow(`docker-bake.json:`);
    expect(() => plan(text, "docker-bake.json")).toThrow(message);
  });
});

describe("compose files say where they are at fault", () => {
  const service = (lines: string) => `services:\n  a:\n${lines}\n`;
  test.each([
    ["services: [", "compose.yaml:1,12:"],
    ["- a", "A compose file is an object with services"],
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

test("a service of another file has its context there", () => {
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
    "services.default.build.isolation has no effect: it is for Windows",
    'services.default.build has no member "foo"',
  ]);
});
