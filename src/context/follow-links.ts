import { compileGlob, type Glob, hasWildcard } from "../dockerignore/glob.ts";
import { PatternError } from "../dockerignore/pattern-error.ts";
import type { Meter } from "../dockerignore/sequence.ts";
import { childPath, nameOf, parentOf } from "../rootfs/path-parts.ts";
import type { Tree } from "../rootfs/tree.ts";
import { atOnce } from "../streams/turns.ts";
import { NAME_LIMITS, pathInRoot } from "../tar/path.ts";

/** The names and symbolic links of a context. Paths are entry paths; links in them are not followed. */
export interface ContextLinks {
  /** Target of a symbolic link; undefined for anything else. */
  target(path: string): string | undefined;
  /** Names in a directory; none for anything else. */
  names(directory: string): Iterable<string>;
}

/** Maximum number of links to follow; beyond that, the whole context is selected. */
const MAX_LINKS = 10_000;
/** Maximum number of times that one link is followed, because a link may lead through itself. */
const MAX_VISITS = 255;
/** Maximum work, some seconds in units of `spend`; beyond that, the whole context is selected. */
const MAX_WORK = 2 ** 31;
/** Cost of looking up a path, besides its length, and of comparing a name with a pattern. */
const LOOKUP = 1024;
const NAME = 256;

/**
 * The include patterns for the paths that a build reads: the paths, and the targets of symbolic links on the way.
 * Undefined for the whole context. Like `FollowLinks` of BuildKit's file transfer, except that a link shared by two
 * paths is followed for both. Works in pieces: see `inTurns`.
 * @param paths with Go wildcards (`* ? [` and `\`), relative to the root of the context
 */
export function* followLinksInPieces(
  paths: readonly string[],
  links: ContextLinks,
): Generator<number, string[] | undefined, undefined> {
  const included = new Set<string>();
  const visits = new Map<string, number>();
  const open = [...paths].reverse();
  let followed = 0;
  let work = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const clean = pathInRoot(path);
    if (clean === "") return undefined;
    const names = clean.split("/");
    // No path of a context is so deep.
    if (names.length > NAME_LIMITS.maxDepth) continue;
    for (let depth = 1, end = 0; depth <= names.length; depth++) {
      end += (names[depth - 1] as string).length + 1;
      const current = clean.slice(0, end - 1);
      const rest = clean.slice(end);
      const meter = { work: LOOKUP + clean.length };
      const targets = targetsOf(current, links, meter);
      work += meter.work;
      if (work > MAX_WORK) return undefined;
      yield meter.work;
      if (targets.length === 0 && rest !== "") continue;
      included.add(current);
      const visit = (visits.get(current) ?? 0) + 1;
      visits.set(current, visit);
      if (targets.length > 0 && visit > MAX_VISITS) break;
      followed += targets.length;
      if (followed > MAX_LINKS) return undefined;
      for (const target of targets) open.push(`${target}/${rest}`);
      if (targets.length > 0) break;
    }
  }
  return [...included].sort();
}

/** Like `followLinksInPieces`, without pauses: for programs that do nothing else. */
export function followLinks(paths: readonly string[], links: ContextLinks): string[] | undefined {
  return atOnce(followLinksInPieces(paths, links));
}

/** The targets of the links that a path, or its last wildcard, names. */
function targetsOf(path: string, links: ContextLinks, meter: Meter): string[] {
  const directory = parentOf(path);
  const name = nameOf(path);
  const glob = hasWildcard(name) ? compile(name) : undefined;
  const paths: string[] = [];
  if (glob === undefined) paths.push(path);
  else {
    for (const found of links.names(directory)) {
      meter.work += NAME;
      if (glob.matches(found, meter)) paths.push(childPath(directory, found));
    }
  }
  meter.work += LOOKUP * paths.length;
  return paths.flatMap((found) => {
    const target = links.target(found);
    if (target === undefined) return [];
    return target.startsWith("/") ? target : `${parentOf(found)}/${target}`;
  });
}

/** Undefined for an invalid pattern, which the step that names it reports. */
function compile(pattern: string): Glob | undefined {
  try {
    return compileGlob(pattern);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** Reads the links of a tree. */
export function linksOf(tree: Pick<Tree, "lookup" | "children">): ContextLinks {
  return {
    target: (path) => {
      const node = tree.lookup(path);
      return node?.type === "symlink" ? node.linkname : undefined;
    },
    *names(directory) {
      for (const { path } of tree.children(directory)) yield nameOf(path);
    },
  };
}
