import { compileGlob, type Glob, hasWildcard } from "../../dockerignore/glob.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import { childPath, nameOf, parentOf } from "../../rootfs/path-parts.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { pathInRoot } from "../../tar/path.ts";
import { CopyError, noMatchHint, systemCallError } from "./copy-error.ts";
import type { CopySource } from "./copy-request.ts";
import { parseCopyFilters } from "./filters.ts";
import { requireValidPath, resolve, resolveInTree } from "./root-path.ts";

/** An entry that a source names, with links followed. */
export interface SelectedSource {
  readonly node: Node;
  /** Entry path before the last links were followed; its last name becomes the name of a copied file. */
  readonly path: string;
}

/**
 * Checks that a source names something. BuildKit checks all sources when it computes the cache key, before it copies
 * any. Wildcards may match nothing.
 * @throws {CopyError} of phase "inputs"
 */
export function* checkSource(
  source: CopySource,
  excludes: readonly string[],
): Generator<number, void, undefined> {
  const { tree } = source;
  const path = pathOf(source);
  if (source.literal) return;
  if (hasWildcard(path)) {
    for (const { path: match, asWritten } of yield* wildcardMatches(tree, path)) {
      yield ENTRY;
      follow(tree, match, asWritten);
    }
    return;
  }
  if (source.parents !== undefined) requireParents(source, path, excludes);
  // With filters, BuildKit notices a missing source only when it copies, except for a dangling link.
  else if (excludes.length === 0 || tree.lookup(path)?.type === "symlink") follow(tree, path, path);
}

/**
 * The entries that a source names, in copy order: the path itself, or the matches of its wildcards in walk order. A
 * matching directory is not searched for further matches.
 * @throws {CopyError} of phase "write"
 */
export function* selectSources(source: CopySource): Generator<number, SelectedSource[], undefined> {
  const { tree } = source;
  const path = pathOf(source);
  if (source.literal) return [selectNode(tree, path, path)];
  if (!hasWildcard(path)) return [selectNode(tree, resolveInTree(tree, path), path)];
  const start = resolveInTree(tree, fixedPart(path).fixed);
  if (tree.lookup(start) === undefined) throw withoutMatch(start, path);
  const selected: SelectedSource[] = [];
  for (const match of yield* wildcardMatches(tree, path)) {
    yield ENTRY;
    selected.push(selectNode(tree, resolveInTree(tree, match.path), match.path));
  }
  return selected;
}

/** @throws {CopyError} `file name too long` */
function pathOf(source: CopySource): string {
  const path = pathInRoot(source.path);
  requireValidPath(hasWildcard(path) ? fixedPart(path).fixed : path, "lstat");
  return path;
}

function selectNode(tree: Tree, followed: string, path: string): SelectedSource {
  const node = tree.lookup(followed);
  if (node === undefined) throw systemCallError("lstat", followed, "no such file or directory");
  return { node, path };
}

/**
 * BuildKit transfers the directory of a wildcard from a context only when something matches, or when another step reads
 * it.
 */
function withoutMatch(directory: string, path: string): CopyError {
  const error = systemCallError("lstat", directory, "no such file or directory");
  error.hint = noMatchHint(path);
  return error.about(`/${path}`, path);
}

function follow(tree: Tree, path: string, asWritten: string): void {
  if (resolve(tree, path, "inputs").node === undefined) throw notFound(asWritten);
}

function notFound(path: string): CopyError {
  return new CopyError("inputs", `/${path}`, `${JSON.stringify(`/${path}`)}: not found`);
}

/** `--parents` without wildcards requires its path to exist after `--exclude`; links in it are not followed. */
function requireParents(source: CopySource, path: string, excludes: readonly string[]): void {
  const { tree, parents = "" } = source;
  if (hasWildcard(parents)) return;
  const below = pathInRoot(parents);
  const required = [path, below].filter((part) => part !== "").join("/");
  const start = path === "" ? "" : childPath(resolve(tree, parentOf(path), "inputs").path, nameOf(path));
  const node = below === "" ? undefined : tree.lookup(childPath(start, below));
  if (node === undefined || isExcluded(tree, start, node, excludes)) throw notFound(required);
}

/**
 * Whether filters exclude an entry and everything below it. `start` is the directory that their paths are relative to.
 */
function isExcluded(tree: Tree, start: string, node: Node, excludes: readonly string[]): boolean {
  const { exclude } = parseCopyFilters(undefined, excludes);
  if (exclude === undefined) return false;
  const leavesOut = (path: string) => exclude.excludes(start === "" ? path : path.slice(start.length + 1));
  if (!leavesOut(node.path)) return false;
  for (const { path } of tree.walk(node.path)) if (!leavesOut(path)) return false;
  return true;
}

interface Match {
  path: string;
  /** Before links in the part without wildcards were followed. */
  asWritten: string;
}

function fixedPart(path: string): { fixed: string; wild: string[] } {
  const names = path.split("/");
  const first = names.findIndex((name) => hasWildcard(name));
  return { fixed: names.slice(0, first).join("/"), wild: names.slice(first) };
}

/** Cost of comparing an entry with a pattern, and of following its links. */
const MATCH = 256;
const ENTRY = 2048;

function* wildcardMatches(tree: Tree, path: string): Generator<number, Match[], undefined> {
  const { fixed, wild } = fixedPart(path);
  const start = resolve(tree, fixed, "inputs").path;
  const matches = path.includes("[")
    ? yield* matchAny(tree, start, wild.join("/"))
    : yield* matchByName(tree, start, wild);
  return matches.map((match) => ({ path: match, asWritten: fixed + match.slice(start.length) }));
}

/** The last listed directory of each tree: the sources of a COPY are often patterns in one directory. */
const lastListed = new WeakMap<Tree, { directory: string; paths: readonly string[] }>();

/** The paths of the entries in a directory of an immutable tree. */
function* childPaths(tree: Tree, directory: string): Generator<number, readonly string[], undefined> {
  const last = lastListed.get(tree);
  if (last?.directory === directory) return last.paths;
  const paths: string[] = [];
  for (const { path } of tree.children(directory)) {
    yield ENTRY;
    paths.push(path);
  }
  lastListed.set(tree, { directory, paths });
  return paths;
}

/** Matches name by name: outside a class, no wildcard matches `/`. */
function* matchByName(
  tree: Tree,
  start: string,
  wild: readonly string[],
): Generator<number, string[], undefined> {
  let found = [start];
  for (const [depth, name] of wild.entries()) {
    const glob = compile(name);
    const next: string[] = [];
    for (const directory of found) {
      if (depth > 0 && tree.lookup(directory)?.type !== "dir") continue;
      for (const path of yield* childPaths(tree, directory)) {
        yield MATCH + path.length + name.length;
        if (glob.matches(path.slice(directory === "" ? 0 : directory.length + 1))) next.push(path);
      }
    }
    found = next;
  }
  return found;
}

function* matchAny(tree: Tree, start: string, pattern: string): Generator<number, string[], undefined> {
  const glob = compile(pattern);
  const found: string[] = [];
  const skip = start === "" ? 0 : start.length + 1;
  const search = function* (directory: string): Generator<number, void, undefined> {
    for (const child of tree.children(directory)) {
      yield MATCH + (child.path.length * pattern.length) / 8;
      if (glob.matches(child.path.slice(skip))) found.push(child.path);
      else if (child.type === "dir") yield* search(child.path);
    }
  };
  yield* search(start);
  return found;
}

function compile(pattern: string): Glob {
  try {
    return compileGlob(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw new CopyError("inputs", pattern, error.reason);
    throw error;
  }
}
