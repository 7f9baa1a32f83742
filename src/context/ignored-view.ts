import { ignoreMatcher } from "../dockerignore/match.ts";
import type { EntryTable, Verdict } from "../rootfs/entry-table.ts";

interface View {
  patterns: string;
  view: EntryTable;
  /** Every entry was kept for itself, and none for what is below it. */
  keepsAll: boolean;
}

/** The last view of each table: a build asks again for what the build before it asked for. */
const views = new WeakMap<object, View>();

/**
 * A context as the lines of an ignore file let it be seen. A directory that is ignored is there all the same when an exception
 * lets something below it in.
 */
export function ignoredView(tree: EntryTable, ignore: readonly string[]): EntryTable {
  const patterns = JSON.stringify(ignore);
  const known = views.get(tree.entries);
  if (known?.patterns === patterns) return known.view.withContentsOf(tree);
  const matcher = ignoreMatcher(ignore);
  let keepsAll = true;
  const judge = (path: string): Verdict => {
    if (!matcher.excludes(path)) return "keep";
    keepsAll = false;
    return matcher.mayContainIncluded(path) ? "enter" : "drop";
  };
  const view = isAsBefore(tree, patterns, judge) ? tree : tree.filter(judge);
  views.set(tree.entries, { patterns, view: view.withContents(), keepsAll });
  return view;
}

/** All was kept of the table that this one was made of, and all is of what this one has besides. */
function isAsBefore(tree: EntryTable, patterns: string, judge: (path: string) => Verdict): boolean {
  const { origin } = tree;
  const before = origin && views.get(origin.entries);
  if (origin === undefined || before?.patterns !== patterns || !before.keepsAll) return false;
  for (const { from, to } of origin.fresh(tree.size)) {
    for (const path of tree.paths(from, to)) if (judge(path) !== "keep") return false;
  }
  return true;
}
