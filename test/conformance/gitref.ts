import { deepStrictEqual } from "node:assert/strict";
import { GitReferenceError, parseGitReference } from "../../src/dockerfile/git-reference.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";

interface Case {
  input: string;
  isGit: boolean;
  /** The error, or the reason why it is not a git reference. */
  error?: string;
  [field: string]: unknown;
}

/** Compares the parsing of git references with BuildKit's. */
export async function gitref(): Promise<SetResult> {
  const cases = await readCases<Case>("gitref.json");
  return runChecks(cases.map((given) => [given.input, check(given)]));
}

/** Nothing in varve reads BuildKit's short name of a repository, and whether its connection is encrypted. */
function check({ input, isGit, error, shortName: _name, unencryptedTCP: _tcp, ...fields }: Case): Check {
  return () => {
    const expected = isGit ? { error, ...fields } : { isGit };
    deepStrictEqual(describe(input), JSON.parse(JSON.stringify(expected)));
  };
}

/** The form of the records, which omit false values. */
function describe(input: string): object {
  try {
    const reference = parseGitReference(input);
    if (reference === undefined) return { isGit: false };
    const { isLookalikeOfLocal, fetchByCommit, ...fields } = reference;
    return {
      ...fields,
      ...(isLookalikeOfLocal && { indistinguishableFromLocal: true }),
      ...(fetchByCommit && { fetchByCommit: true }),
    };
  } catch (error) {
    if (error instanceof GitReferenceError) return { error: error.message };
    throw error;
  }
}
