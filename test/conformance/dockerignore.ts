import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ignoreMatcher } from "../../src/dockerignore/match.ts";
import { PatternError } from "../../src/dockerignore/pattern-error.ts";
import { readIgnoreFile } from "../../src/dockerignore/read.ts";
import { type Check, conformanceFolder, runChecks, type SetResult } from "./case-set.ts";

interface MatcherCase {
  name: string;
  patterns: string[];
  path: string;
  /** Whether the path is excluded from the context. */
  matches?: boolean;
  errorText?: string;
}

interface ReaderCase {
  name: string;
  content: string;
  patterns: string[];
}

/** Compares ignore files with moby's patternmatcher: how they are parsed, and which paths they exclude. */
export async function dockerignore(): Promise<SetResult> {
  const file = resolve(conformanceFolder(), "dockerignore.json");
  const { matcher, reader } = JSON.parse(await readFile(file, "utf8")) as {
    matcher: MatcherCase[];
    reader: ReaderCase[];
  };
  return runChecks([
    ...matcher.map((given): [string, Check] => [
      `${given.name}: ${JSON.stringify(given.patterns)} on ${JSON.stringify(given.path)}`,
      () => checkMatcher(given),
    ]),
    ...reader.map((given): [string, Check] => [
      `reader, ${given.name}: ${JSON.stringify(given.content)}`,
      () => deepStrictEqual(readIgnoreFile(given.content), given.patterns),
    ]),
  ]);
}

function checkMatcher({ patterns, path, matches, errorText }: MatcherCase): void {
  let excluded: boolean;
  try {
    excluded = ignoreMatcher(patterns).excludes(path);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    strictEqual(error.reason, errorText);
    return;
  }
  strictEqual(undefined, errorText);
  strictEqual(excluded, matches);
}
