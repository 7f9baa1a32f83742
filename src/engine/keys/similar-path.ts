import { suggest } from "../../dockerfile/suggest.ts";
import { childPath, nameOf } from "../../rootfs/path-parts.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { inTurns } from "../../streams/turns.ts";

/** Lists the names in a directory, given by its entry path; empty for anything else. */
type NamesIn = (directory: string) => Iterable<string>;

/** Maximum number of searched entries. */
const MAX_SEARCHED = 100_000;
/** Cost of comparing an entry. */
const ENTRY = 2048;

/**
 * Suggests an existing path for a missing one: a similar spelling, or the same name in another directory. Works in
 * pieces: see `inTurns`.
 */
export function* similarPath(
  namesIn: NamesIn,
  path: string,
): Generator<number, string | undefined, undefined> {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  let parent = "";
  for (const [index, name] of names.entries()) {
    const siblings: string[] = [];
    for (const sibling of namesIn(parent)) {
      yield ENTRY;
      siblings.push(sibling);
      if (siblings.length === MAX_SEARCHED) break;
    }
    if (!siblings.includes(name)) {
      const meant =
        siblings.find((sibling) => sibling.toLowerCase() === name.toLowerCase()) ?? suggest(name, siblings);
      const rest = names.slice(index + 1);
      const guess = meant === undefined ? undefined : findPath(namesIn, childPath(parent, meant), rest);
      return guess ?? (yield* findElsewhere(namesIn, names.at(-1) ?? ""));
    }
    parent = childPath(parent, name);
  }
  return undefined;
}

/**
 * Adds a suggested path to the problem of a missing source of COPY or ADD. Separate from the code that reports the problem,
 * because that may have only the selected paths.
 */
export async function suggestPath(
  problem: { code: string; title: string; hint?: string | undefined },
  namesIn: NamesIn,
): Promise<void> {
  const { code, title } = problem;
  if (code === "copy-failed") problem.hint = literalPathHint(problem.hint, namesIn);
  const [before, after] = ['"/', '": not found'];
  const start = title.indexOf(before) + before.length;
  if (code !== "source-not-found" || problem.hint !== undefined) return;
  if (start < before.length || !title.endsWith(after)) return;
  const path = title.slice(start, -after.length);
  const similar = await inTurns(similarPath(namesIn, path));
  if (similar !== undefined) problem.hint = `Did you mean "${similar}"?`;
}

/**
 * Extends the hint for wildcards that match nothing with an escaped spelling, when a file with exactly this name
 * exists.
 */
export function literalPathHint(hint: string | undefined, namesIn: NamesIn): string | undefined {
  const [, quoted] = /^Nothing matches ("(?:[^"\\]|\\.)+")\.$/.exec(hint ?? "") ?? [];
  if (quoted === undefined) return hint;
  const path: string = JSON.parse(quoted);
  if (findPath(namesIn, "", path.split("/")) === undefined) return hint;
  // * and ? cannot be escaped, because the search of the context has other rules than COPY.
  if (/[*?\\]/.test(path)) return `${hint} A file has exactly this name: COPY its folder.`;
  return `${hint} A file has exactly this name: write ${JSON.stringify(path.replaceAll("[", "[[]"))}.`;
}

/** The names of a tree. */
export function namesOfTree(tree: Pick<Tree, "children">): NamesIn {
  return (directory) => Array.from(tree.children(directory), ({ path }) => nameOf(path));
}

/** The entry path of `names` below a directory; undefined when it does not exist. */
function findPath(namesIn: NamesIn, directory: string, names: readonly string[]): string | undefined {
  let path = directory;
  for (const name of names) {
    if (![...namesIn(path)].includes(name)) return undefined;
    path = childPath(path, name);
  }
  return path;
}

function* findElsewhere(namesIn: NamesIn, name: string): Generator<number, string | undefined, undefined> {
  const directories = [""];
  let searched = 0;
  for (let directory = directories.shift(); directory !== undefined; directory = directories.shift()) {
    for (const found of namesIn(directory)) {
      yield ENTRY;
      const path = childPath(directory, found);
      if (found === name) return path;
      if (++searched === MAX_SEARCHED) return undefined;
      directories.push(path);
    }
  }
  return undefined;
}
