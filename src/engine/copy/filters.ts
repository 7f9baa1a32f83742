import { hasWildcard } from "../../dockerignore/glob.ts";
import { type IgnoreMatcher, ignoreMatcher } from "../../dockerignore/match.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { CopyError } from "./copy-error.ts";
import { childPath, namesOf } from "./root-path.ts";

/** Which entries below a named directory are copied. Paths are relative to that directory. */
export interface CopyFilters {
  /** `--parents`: only what matches, with the directories on the way. */
  readonly include?: IncludeFilter;
  /** `--exclude` */
  readonly exclude?: IgnoreMatcher;
}

interface IncludeFilter {
  includes(path: string): boolean;
  /** Whether something below this directory, which is not included itself, may be. May say yes in vain. */
  mayContainIncluded(directory: string): boolean;
}

/**
 * Compiles `--parents` of a source and `--exclude` of its instruction.
 *
 * @throws CopyError for a pattern that breaks the grammar
 */
export function readFilters(parents: string | undefined, excludes: readonly string[]): CopyFilters {
  const filters: { include?: IncludeFilter; exclude?: IgnoreMatcher } = {};
  if (parents !== undefined) filters.include = includeFilter(namesOf(parents).join("/"));
  if (excludes.length > 0) filters.exclude = compile("exclude", excludes);
  return filters;
}

function includeFilter(pattern: string): IncludeFilter {
  const matcher = compile("include", [pattern]);
  const names = pattern.split("/");
  const wild = names.findIndex((name) => hasWildcard(name) || name.startsWith("!"));
  const fixed = wild < 0 ? names : names.slice(0, wild);
  return {
    includes: (path) => matcher.excludes(path),
    mayContainIncluded(directory) {
      const way = directory.split("/");
      return fixed.every((name, at) => at >= way.length || name === way[at]);
    },
  };
}

function compile(kind: "include" | "exclude", patterns: readonly string[]): IgnoreMatcher {
  try {
    return ignoreMatcher(patterns);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const all = patterns.join(" ");
    throw new CopyError("inputs", all, `invalid ${kind}patterns: [${all}]: ${error.reason}`);
  }
}

/** Told of what a walk meets, parents first. */
export interface Visitor {
  /** `included`: the directory is wanted for itself; else only if something in it is. */
  enter(node: Node, name: string, included: boolean): void;
  leave(): void;
  /** Anything but a directory; always included. */
  file(node: Node, name: string): void;
}

/** Walks through what of a directory is copied, in order. Links are not followed. */
export function walkSelected(tree: Tree, directory: string, filters: CopyFilters, visitor: Visitor): void {
  walkBelow(tree, directory, "", filters, visitor);
}

function walkBelow(tree: Tree, at: string, below: string, filters: CopyFilters, visitor: Visitor): void {
  const { include, exclude } = filters;
  const unfiltered = include === undefined && exclude === undefined;
  const skip = at === "" ? 0 : at.length + 1;
  for (const node of tree.children(at)) {
    const name = node.path.slice(skip);
    const isDirectory = node.type === "dir";
    const relative = unfiltered ? "" : childPath(below, name);
    let included = true;
    if (!unfiltered) {
      const excluded = exclude?.excludes(relative) ?? false;
      included = !excluded && (include?.includes(relative) ?? true);
      if (isDirectory && excluded && !exclude?.mayContainIncluded(relative)) continue;
      if (isDirectory && !included && include?.mayContainIncluded(relative) === false) continue;
    }
    if (isDirectory) {
      visitor.enter(node, name, included);
      walkBelow(tree, node.path, relative, filters, visitor);
      visitor.leave();
    } else if (included) {
      visitor.file(node, name);
    }
  }
}
