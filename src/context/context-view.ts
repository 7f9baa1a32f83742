import { cleanPath } from "../dockerignore/clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "../dockerignore/ignore-pattern.ts";
import { ignoreMatcher, MAX_WORK, type MatcherOptions } from "../dockerignore/match.ts";
import { PatternError } from "../dockerignore/pattern-error.ts";
import type { EntryTable, Verdict } from "../rootfs/entry-table.ts";
import { parentOf } from "../rootfs/path-parts.ts";
import { atOnce, inTurns } from "../streams/turns.ts";

/** The part of a context that a build reads. */
export interface ContextSelection {
  /** Patterns of the ignore file. */
  ignore: readonly string[];
  /** Patterns of the paths that steps read, as returned by `followLinks`; all paths when absent. */
  include?: readonly string[] | undefined;
}

/** Decides about each path of a context: see `Verdict`. */
export type PathJudge = (path: string) => Verdict;

/** A `PathJudge` that works in pieces: see `inTurns`. */
export type PathJudgement = (path: string) => Generator<number, Verdict, undefined>;

interface View {
  selection: string;
  view: EntryTable;
  /** Whether every entry was kept, and none only for what is below it. */
  keepsAll: boolean;
}

/** The last view of each table, because consecutive builds request the same one. */
const views = new WeakMap<object, View>();

/**
 * The selected entries of a context. An unselected directory is kept when something below it is selected.
 * @throws {PatternError} also when comparing the patterns with the paths takes too long
 */
export async function contextView(tree: EntryTable, selection: ContextSelection): Promise<EntryTable> {
  const text = JSON.stringify([selection.ignore, selection.include]);
  const known = views.get(tree.entries);
  if (known?.selection === text) return known.view.withContentsOf(tree);
  const verdictOf = pathJudgement(selection, { maxWork: MAX_WORK });
  let keepsAll = true;
  const judge = function* (path: string) {
    const verdict = yield* verdictOf(path);
    if (verdict !== "keep") keepsAll = false;
    return verdict;
  };
  const isUnchanged = await inTurns(isAsBefore(tree, text, judge));
  const view = isUnchanged ? tree : await inTurns(tree.filter(judge));
  views.set(tree.entries, { selection: text, view: view.withContents(), keepsAll });
  return view;
}

/** @throws {PatternError} */
export function pathJudge(selection: ContextSelection): PathJudge {
  const judge = pathJudgement(selection);
  return (path) => atOnce(judge(path));
}

/** @throws {PatternError} also from the returned function, when the work exceeds the options */
export function pathJudgement(
  { ignore, include }: ContextSelection,
  options: MatcherOptions = {},
): PathJudgement {
  const matcher = ignoreMatcher(ignore, options);
  const included = include === undefined ? undefined : includeJudgement(include);
  return function* (path) {
    yield PATH;
    const verdict = included === undefined ? "keep" : yield* included(path);
    if (verdict === "drop") return verdict;
    // A file whose contents are withheld is excluded; docker would write an empty file.
    if (!(yield* matcher.excluding(path)) && !(yield* matcher.withholding(path))) return verdict;
    return (yield* matcher.letsInBelow(path)) ? "enter" : "drop";
  };
}

/** Like include patterns of BuildKit's file transfer: a pattern includes its matches and everything below them. */
function includeJudgement(include: readonly string[]): PathJudgement {
  const plain = new Set<string>();
  const plainParents = new Set<string>();
  const patterns: IgnorePattern[] = [];
  for (const text of include) {
    const path = cleanPath(text);
    const pattern = compile(path);
    if (pattern !== undefined) {
      patterns.push(pattern);
      continue;
    }
    plain.add(path);
    for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) plainParents.add(parent);
  }
  const kept = new Map<string, boolean>();
  const meter = { work: 0 };
  /** Compares the patterns with a path. */
  function* some(test: (pattern: IgnorePattern) => boolean): Generator<number, boolean, undefined> {
    for (const pattern of patterns) {
      const before = meter.work;
      if (test(pattern)) return true;
      yield PATTERN + meter.work - before;
    }
    return false;
  }
  function* isMatched(path: string): Generator<number, boolean, undefined> {
    return plain.has(path) || (yield* some((pattern) => pattern.matches(path, meter)));
  }
  function* isBelowKept(directory: string): Generator<number, boolean, undefined> {
    if (directory === "") return false;
    let known = kept.get(directory);
    if (known === undefined) {
      known = (yield* isMatched(directory)) || (yield* isBelowKept(parentOf(directory)));
      if (kept.size >= MAX_DIRECTORIES) kept.clear();
      kept.set(directory, known);
    }
    return known;
  }
  return function* (path) {
    if ((yield* isBelowKept(parentOf(path))) || (yield* isMatched(path))) return "keep";
    if (plainParents.has(path)) return "enter";
    return (yield* some((pattern) => pattern.couldMatchBelow(`${path}/`, meter))) ? "enter" : "drop";
  };
}

/**
 * Compiles a pattern. Undefined without wildcards, and for an invalid pattern, which the step that names it reports.
 */
function compile(path: string): IgnorePattern | undefined {
  if (!/[*?[\\^]/.test(path)) return undefined;
  try {
    return compileIgnorePattern(path);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** Cost of reading a path of a table, and of comparing a pattern. */
const PATH = 512;
const PATTERN = 16;

/** Maximum number of directories whose verdicts are cached. */
const MAX_DIRECTORIES = 2_000;

/** Whether the table before a patch was kept whole, and everything added to it is kept too. */
function* isAsBefore(
  tree: EntryTable,
  selection: string,
  judge: PathJudgement,
): Generator<number, boolean, undefined> {
  const { origin } = tree;
  const before = origin && views.get(origin.entries);
  if (origin === undefined || before?.selection !== selection || !before.keepsAll) return false;
  for (const { from, to } of origin.fresh(tree.size)) {
    for (const path of tree.paths(from, to)) if ((yield* judge(path)) !== "keep") return false;
  }
  return true;
}
