import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ExpandError, type ExpandOptions, expandWord, expandWords } from "../../src/dockerfile/expand.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";

interface Case {
  name: string;
  mode: "word" | "words";
  input: string;
  env?: Record<string, string>;
  envList?: string[];
  /** With `windows`, names are case-insensitive. */
  platform: "all" | "linux" | "windows";
  escape?: string;
  rawQuotes?: boolean;
  rawEscapes?: boolean;
  skipProcessQuotes?: boolean;
  skipUnsetEnv?: boolean;
  expected?: string | string[];
  matched?: string[];
  unmatched?: string[];
  errorText?: string;
}

/** Compares word expansion with BuildKit's. */
export async function shellLex(): Promise<SetResult> {
  const cases = await readCases<Case>("shell-lex.json");
  return runChecks(cases.map((given) => [given.name, check(given)]));
}

function check(given: Case): Check {
  return () => {
    const variables = environment(given);
    const options: ExpandOptions = {
      escape: given.escape,
      quotes: given.rawQuotes ? "keep" : given.skipProcessQuotes ? "literal" : "remove",
      keepEscapes: given.rawEscapes ?? false,
      keepUnset: given.skipUnsetEnv ?? false,
    };
    let answer: { value: string | string[]; matched: Set<string>; unmatched: Set<string> };
    try {
      if (given.mode === "word") {
        answer = expandWord(given.input, variables, options);
      } else {
        const { values, ...names } = expandWords(given.input, variables, options);
        answer = { value: values, ...names };
      }
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      strictEqual(error.message, given.errorText);
      return;
    }
    strictEqual(undefined, given.errorText);
    deepStrictEqual(answer.value, given.expected);
    if (given.matched) deepStrictEqual([...answer.matched].sort(), given.matched);
    if (given.unmatched) deepStrictEqual([...answer.unmatched].sort(), given.unmatched);
  };
}

function environment(given: Case) {
  const pairs = given.envList
    ? given.envList.map((pair): [string, string] => {
        const at = pair.indexOf("=");
        return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
      })
    : Object.entries(given.env ?? {});
  const fold = (name: string) => (given.platform === "windows" ? name.toUpperCase() : name);
  const values = new Map(pairs.map(([name, value]) => [fold(name), value]));
  return { get: (name: string) => values.get(fold(name)), names: () => values.keys() };
}
