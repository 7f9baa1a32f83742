import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/command/command-error.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";
import type { FlagTable } from "../../../src/command/flags/table.ts";

const table = {
  tag: { kind: "list", short: "t", help: "" },
  file: { kind: "text", short: "f", help: "" },
  quiet: { kind: "bool", short: "q", help: "" },
  load: { kind: "bool", help: "" },
  hosts: { kind: "csv", help: "" },
  progress: { kind: "text", choices: ["auto", "plain"], help: "" },
  iidfile: { kind: "text", completes: "file", help: "" },
  memory: { kind: "text", short: "m", help: "", ignored: "there is enough" },
} as const satisfies FlagTable;

/** Words and the parsed flags. Flags that are not listed were not given. */
const cases: [string, string[], object][] = [
  ["value in the next word", ["--tag", "a", "."], { tag: ["a"], args: ["."] }],
  ["value after =", ["--tag=a=b", "."], { tag: ["a=b"], args: ["."] }],
  ["an empty value", ["--tag=", "--file", "", "."], { tag: [""], file: "", args: ["."] }],
  ["an empty choice or file name is none", ["--progress=", "--iidfile", ""], { args: [] }],
  ["the last one, which is empty", ["--progress=plain", "--progress="], { args: [] }],
  ["a value that looks like a flag", ["--file", "--tag", "."], { file: "--tag", args: ["."] }],
  ["a letter", ["-t", "a", "-tb", "-t=c"], { tag: ["a", "b", "c"], args: [] }],
  ["= alone after a letter", ["-t="], { tag: ["="], args: [] }],
  ["letters together", ["-qta", "-qf", "x"], { quiet: true, tag: ["a"], file: "x", args: [] }],
  ["a switch", ["--quiet", "--load=false", "."], { quiet: true, load: false, args: ["."] }],
  ["a switch takes no next word", ["--load", "false"], { load: true, args: ["false"] }],
  ["a switch by letter with =", ["-q=0"], { quiet: false, args: [] }],
  ["the last one", ["-f", "a", "--file=b", "--quiet", "--quiet=F"], { file: "b", quiet: false, args: [] }],
  [
    "lists with commas",
    ["--hosts", 'a,"b,c"', "--hosts=d", "--hosts="],
    { hosts: ["a", "b,c", "d"], args: [] },
  ],
  ["flags after arguments", [".", "-q", "x"], { quiet: true, args: [".", "x"] }],
  ["what follows -- is no flag", ["-q", "--", "-t", "--", "x"], { quiet: true, args: ["-t", "--", "x"] }],
  ["- is an argument", ["-", "-f", "-"], { file: "-", args: ["-"] }],
  ["an empty word is an argument", [""], { args: [""] }],
];

describe("flags are parsed as by pflag", () => {
  test.each(cases)("%s", (_, words, expected) => {
    const { values, args } = parseFlags(table, words);
    expect({ tag: [], hosts: [], ...expected }).toEqual({ ...values, args });
  });

  test.each<[string[], string]>([
    [["--nothing"], "unknown flag: --nothing"],
    [["--nothing=1"], "unknown flag: --nothing"],
    [["--t", "a"], "unknown flag: --t"],
    [["-x"], "unknown shorthand flag: 'x' in -x"],
    [["-qxt"], "unknown shorthand flag: 'x' in -xt"],
    [["-q="], "unknown shorthand flag: '=' in -="],
    [["---tag"], "bad flag syntax: ---tag"],
    [["--=a"], "bad flag syntax: --=a"],
    [["--tag"], "flag needs an argument: --tag"],
    [["-qt"], "flag needs an argument: 't' in -t"],
    [
      ["--load=yes"],
      'invalid argument "yes" for "--load" flag: strconv.ParseBool: parsing "yes": invalid syntax',
    ],
    [["-q=x"], 'invalid argument "x" for "-q, --quiet" flag: strconv.ParseBool: parsing "x": invalid syntax'],
    [["--progress", "loud"], 'invalid argument "loud" for "--progress" flag: it must be one of auto, plain'],
    [
      ["--hosts", 'a"b'],
      'invalid argument "a\\"b" for "--hosts" flag: parse error on line 1, column 2: bare " in non-quoted-field',
    ],
    [["--constructor"], "unknown flag: --constructor"],
  ])("%j: %s", (words, message) => {
    expect(() => parseFlags(table, words)).toThrow(expect.objectContaining({ name: "UsageError", message }));
  });

  test("a misspelt flag is reported with the closest one", () => {
    const error = expect.objectContaining({ message: "unknown flag: --taag", hint: 'Did you mean "--tag"?' });
    expect(() => parseFlags(table, ["--taag", "a"])).toThrow(error);
  });

  test("--help stops parsing", () => {
    for (const words of [["-h"], ["--help", "--nothing"], ["-qh"], ["a", "--help=x"]])
      expect(parseFlags(table, words).isHelp).toBe(true);
  });

  test("flags without effect are reported once each", () => {
    expect(parseFlags(table, ["-m", "1g", "--memory=2g"])).toMatchObject({ ignored: ["memory"], args: [] });
  });

  test("no flags are read after the first argument of a command that runs a command", () => {
    const { values, args } = parseFlags(table, ["-q", "image", "-t", "x"], { stopsAtArgument: true });
    expect({ quiet: values.quiet, tag: values.tag, args }).toEqual({
      quiet: true,
      tag: [],
      args: ["image", "-t", "x"],
    });
  });

  test("any words are parsed or rejected", () => {
    const word = fc.oneof(
      fc.constantFrom("-t", "--tag", "--tag=", "-q", "--", "-", "--load=0", "-qt"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          const { args } = parseFlags(table, words);
          expect(args.length).toBeLessThanOrEqual(words.length);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});
