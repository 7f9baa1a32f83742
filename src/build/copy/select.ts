import { compileGlob, type Glob, hasWildcard } from "../../dockerignore/glob.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { CopyError, callFailed } from "./copy-error.ts";
import type { CopySource } from "./copy-request.ts";
import { childPath, namesOf, rootPath } from "./root-path.ts";

/** One entry that a source names, links followed. */
export interface SelectedSource {
  readonly node: Node;
  /** Entry path before the last links were followed; its last name is the one under which a file arrives. */
  readonly path: string;
}

/**
 * What a source names, in the order it is copied: the path itself, or what its wildcards match, in walk order.
 * A directory that matches is not searched for more matches.
 *
 * @throws CopyError when it names nothing, as BuildKit does; wildcards may match nothing.
 */
export function selectSources(source: CopySource, excludes: readonly string[]): SelectedSource[] {
  const { tree } = source;
  const path = namesOf(source.path).join("/");
  if (source.literal) return [selectLiteral(tree, path)];
  const filtered = excludes.length > 0 || source.parents !== undefined;
  if (!hasWildcard(path)) {
    requireParents(source, path);
    const followed = rootPath(tree, path, "inputs");
    const node = tree.lookup(followed);
    if (node !== undefined) return [{ node, path }];
    // With filters, BuildKit misses the source only when it copies.
    if (filtered) throw callFailed("lstat", followed, "no such file or directory");
    throw notFound(path);
  }
  return resolveWildcards(tree, path).map((match) => {
    const node = tree.lookup(rootPath(tree, match.path, "inputs"));
    if (node === undefined) throw notFound(match.asWritten);
    return { node, path: match.path };
  });
}

function selectLiteral(tree: Tree, path: string): SelectedSource {
  const node = tree.lookup(path);
  if (node === undefined) throw callFailed("lstat", path, "no such file or directory");
  return { node, path };
}

function notFound(path: string): CopyError {
  return new CopyError("inputs", `/${path}`, `${JSON.stringify(`/${path}`)}: not found`);
}

/** `--parents` without wildcards must find its path, and no link of it is followed. */
function requireParents(source: CopySource, path: string): void {
  if (source.parents === undefined || hasWildcard(source.parents)) return;
  const below = namesOf(source.parents).join("/");
  const required = [path, below].filter((part) => part !== "").join("/");
  if (below === "") throw notFound(required);
  const names = namesOf(path);
  const last = names.pop();
  const parent = rootPath(source.tree, names.join("/"), "inputs");
  const start = last === undefined ? "" : childPath(parent, last);
  if (source.tree.lookup(childPath(start, below)) === undefined) throw notFound(required);
}

interface Match {
  path: string;
  /** Before links of the part without wildcards were followed. */
  asWritten: string;
}

function resolveWildcards(tree: Tree, path: string): Match[] {
  const names = path.split("/");
  const first = names.findIndex((name) => hasWildcard(name));
  const fixed = names.slice(0, first).join("/");
  const wild = names.slice(first);
  const start = rootPath(tree, fixed, "write");
  if (tree.lookup(start) === undefined) throw callFailed("lstat", start, "no such file or directory");
  const found = path.includes("[") ? matchAny(tree, start, wild.join("/")) : matchByName(tree, start, wild);
  return found.map((match) => ({ path: match, asWritten: fixed + match.slice(start.length) }));
}

/** Without a class, no wildcard matches a `/`: the names match one by one. */
function matchByName(tree: Tree, start: string, wild: readonly string[]): string[] {
  let found = [start];
  for (const [depth, name] of wild.entries()) {
    const glob = compile(name);
    const next: string[] = [];
    for (const directory of found) {
      if (depth > 0 && tree.lookup(directory)?.type !== "dir") continue;
      for (const child of tree.children(directory)) {
        if (glob.matches(child.path.slice(directory === "" ? 0 : directory.length + 1)))
          next.push(child.path);
      }
    }
    found = next;
  }
  return found;
}

function matchAny(tree: Tree, start: string, pattern: string): string[] {
  const glob = compile(pattern);
  const found: string[] = [];
  const skip = start === "" ? 0 : start.length + 1;
  const search = (directory: string): void => {
    for (const child of tree.children(directory)) {
      if (glob.matches(child.path.slice(skip))) found.push(child.path);
      else if (child.type === "dir") search(child.path);
    }
  };
  search(start);
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
