import { hasWildcard } from "../../dockerignore/glob.ts";
import { type IgnoreMatcher, ignoreMatcher, MAX_WORK } from "../../dockerignore/match.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import { childPath } from "../../rootfs/path-parts.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { pathInRoot } from "../../tar/path.ts";
import { CopyError } from "./copy-error.ts";

/** Selects entries below a source directory. Paths are relative to that directory. */
export interface CopyFilters {
  /** `--parents`: only matching entries, with the directories that lead to them. */
  readonly include?: IncludeFilter;
  /** `--exclude` */
  readonly exclude?: IgnoreMatcher;
}

interface IncludeFilter {
  including(path: string): Generator<number, boolean, undefined>;
  /** Whether something below this directory, which is not selected itself, may be selected. May return true in vain. */
  mayContainIncluded(directory: string): boolean;
}

/**
 * Compiles `--parents` of a source and `--exclude` of its instruction.
 *
 * @throws {CopyError} for a pattern that breaks the grammar
 */
export function parseCopyFilters(parents: string | undefined, excludes: readonly string[]): CopyFilters {
  const filters: { include?: IncludeFilter; exclude?: IgnoreMatcher } = {};
  if (parents !== undefined) filters.include = includeFilter(pathInRoot(parents));
  if (excludes.length > 0) filters.exclude = compile("exclude", excludes);
  return filters;
}

function includeFilter(pattern: string): IncludeFilter {
  const matcher = compile("include", [pattern]);
  const names = pattern.split("/");
  const wild = names.findIndex((name) => hasWildcard(name) || name.startsWith("!"));
  const fixed = wild < 0 ? names : names.slice(0, wild);
  return {
    including: (path) => matcher.excluding(path),
    mayContainIncluded(directory) {
      const way = directory.split("/");
      return fixed.every((name, at) => at >= way.length || name === way[at]);
    },
  };
}

function compile(kind: "include" | "exclude", patterns: readonly string[]): IgnoreMatcher {
  try {
    return ignoreMatcher(patterns, { maxWork: MAX_WORK });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const all = patterns.join(" ");
    throw new CopyError("inputs", all, `invalid ${kind}patterns: [${all}]: ${error.reason}`);
  }
}

/** Visits the entries of a walk, parents first. */
export interface Visitor {
  /** Cost of visiting an entry, besides finding it; in units of `spend`. */
  readonly effort?: number;
  /** `included`: the directory itself is selected; otherwise only entries in it may be. */
  enter(node: Node, name: string, included: boolean): void;
  leave(): void;
  /** Called for everything except directories; always selected. */
  file(node: Node, name: string): void;
}

/**
 * Walks through the selected entries of a directory, in order. Does not follow links. Works in pieces: see `inTurns`.
 * @throws {CopyError} when comparing the patterns with the files takes too long
 */
export function* walkSelected(
  tree: Tree,
  directory: string,
  filters: CopyFilters,
  visitor: Visitor,
): Generator<number, void, undefined> {
  try {
    yield* walkBelow(tree, directory, "", { filters, visitor, pending: 0 });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new CopyError("inputs", directory, error.message);
  }
}

interface Walk {
  readonly filters: CopyFilters;
  readonly visitor: Visitor;
  /** Work that was not yielded yet. */
  pending: number;
}

/**
 * Cost of visiting an entry. Yields in batches, because a yield in a deep directory passes through all generators above
 * it.
 */
const ENTRY = 1024;
const PIECE = 64 * ENTRY;

function* walkBelow(tree: Tree, at: string, below: string, walk: Walk): Generator<number, void, undefined> {
  const { visitor } = walk;
  const { include, exclude } = walk.filters;
  const unfiltered = include === undefined && exclude === undefined;
  const skip = at === "" ? 0 : at.length + 1;
  for (const node of tree.children(at)) {
    walk.pending += ENTRY + 8 * node.path.length + (visitor.effort ?? 0);
    if (walk.pending >= PIECE) {
      yield walk.pending;
      walk.pending = 0;
    }
    const name = node.path.slice(skip);
    const isDirectory = node.type === "dir";
    const relative = unfiltered ? "" : childPath(below, name);
    let included = true;
    if (!unfiltered) {
      const excluded = exclude !== undefined && (yield* exclude.excluding(relative));
      included = !excluded && (include === undefined || (yield* include.including(relative)));
      if (isDirectory && excluded && !(yield* exclude.letsInBelow(relative))) continue;
      if (isDirectory && !included && include?.mayContainIncluded(relative) === false) continue;
    }
    if (isDirectory) {
      visitor.enter(node, name, included);
      yield* walkBelow(tree, node.path, relative, walk);
      visitor.leave();
    } else if (included) {
      visitor.file(node, name);
    }
  }
}
