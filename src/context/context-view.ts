import { cleanPath } from "../dockerignore/clean-path.ts";
import { compileIgnorePattern, type IgnorePattern } from "../dockerignore/ignore-pattern.ts";
import { ignoreMatcher } from "../dockerignore/match.ts";
import { PatternError } from "../dockerignore/pattern-error.ts";
import type { EntryTable, Verdict } from "../rootfs/entry-table.ts";
import { parentOf } from "../rootfs/path-parts.ts";

/** The part of a context that a build reads. */
export interface ContextSelection {
  /** Patterns of the ignore file. */
  ignore: readonly string[];
  /** Patterns of the paths that steps read, as `followLinks` returns them; all paths when absent. */
  include?: readonly string[] | undefined;
}

/** What becomes of each path of a context: see `Verdict`. */
export type PathJudge = (path: string) => Verdict;

interface View {
  selection: string;
  view: EntryTable;
  /** Every entry was kept for itself, and none for what is below it. */
  keepsAll: boolean;
}

/** The last view of each table: consecutive builds request the same one. */
const views = new WeakMap<object, View>();

/**
 * The entries of a context that a selection contains. A directory that is not selected is kept when something below it
 * is.
 * @throws {PatternError}
 */
export function contextView(tree: EntryTable, selection: ContextSelection): EntryTable {
  const text = JSON.stringify([selection.ignore, selection.include]);
  const known = views.get(tree.entries);
  if (known?.selection === text) return known.view.withContentsOf(tree);
  const verdictOf = pathJudge(selection);
  let keepsAll = true;
  const judge = (path: string): Verdict => {
    const verdict = verdictOf(path);
    if (verdict !== "keep") keepsAll = false;
    return verdict;
  };
  const view = isAsBefore(tree, text, judge) ? tree : tree.filter(judge);
  views.set(tree.entries, { selection: text, view: view.withContents(), keepsAll });
  return view;
}

/** @throws {PatternError} */
export function pathJudge({ ignore, include }: ContextSelection): PathJudge {
  const matcher = ignoreMatcher(ignore);
  const notIgnored = (path: string): Verdict => {
    // A file without its contents is excluded: docker would make it an empty one.
    if (!matcher.excludes(path) && !matcher.withholds(path)) return "keep";
    return matcher.mayContainIncluded(path) ? "enter" : "drop";
  };
  if (include === undefined) return notIgnored;
  const included = includeJudge(include);
  return (path) => {
    const verdict = included(path);
    if (verdict === "drop") return "drop";
    const own = notIgnored(path);
    return own === "keep" ? verdict : own;
  };
}

/** As BuildKit's file transfer does with include patterns: a pattern includes what it matches and all below that. */
function includeJudge(include: readonly string[]): PathJudge {
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
  const isBelowKept = (directory: string): boolean => {
    if (directory === "") return false;
    let known = kept.get(directory);
    if (known === undefined) {
      known = isMatched(directory) || isBelowKept(parentOf(directory));
      if (kept.size >= MAX_DIRECTORIES) kept.clear();
      kept.set(directory, known);
    }
    return known;
  };
  const isMatched = (path: string) => plain.has(path) || patterns.some((pattern) => pattern.matches(path));
  return (path) => {
    if (isBelowKept(parentOf(path)) || isMatched(path)) return "keep";
    if (plainParents.has(path)) return "enter";
    return patterns.some((pattern) => pattern.couldMatchBelow(`${path}/`)) ? "enter" : "drop";
  };
}

/** Undefined for a path without wildcards, and for a pattern that is invalid: the step that names it reports that. */
function compile(path: string): IgnorePattern | undefined {
  if (!/[*?[\\^]/.test(path)) return undefined;
  try {
    return compileIgnorePattern(path);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** Directories whose verdicts are remembered. */
const MAX_DIRECTORIES = 2_000;

/** The table that this one was patched from was kept whole, and so is what was added to it. */
function isAsBefore(tree: EntryTable, selection: string, judge: PathJudge): boolean {
  const { origin } = tree;
  const before = origin && views.get(origin.entries);
  if (origin === undefined || before?.selection !== selection || !before.keepsAll) return false;
  for (const { from, to } of origin.fresh(tree.size)) {
    for (const path of tree.paths(from, to)) if (judge(path) !== "keep") return false;
  }
  return true;
}
