import { ignoreMatcher } from "../dockerignore/match.ts";
import type { EntryTable } from "../rootfs/entry-table.ts";

const views = new WeakMap<object, { patterns: string; view: EntryTable }>();

/**
 * A context as the lines of an ignore file let it be seen. A directory that is ignored is there all the same when an exception
 * lets something below it in.
 */
export function ignoredView(tree: EntryTable, ignore: readonly string[]): EntryTable {
  const patterns = JSON.stringify(ignore);
  const known = views.get(tree.entries);
  if (known?.patterns === patterns) return known.view.withContentsOf(tree);
  const matcher = ignoreMatcher(ignore);
  const view = tree.filter((path) => {
    if (!matcher.excludes(path)) return "keep";
    return matcher.mayContainIncluded(path) ? "enter" : "drop";
  });
  // The last one of each context: a build asks again for what the build before it asked for.
  views.set(tree.entries, { patterns, view: view.withContents() });
  return view;
}
