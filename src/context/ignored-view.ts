import type { IgnoreMatcher } from "../dockerignore/match.ts";
import type { EntryTable } from "../rootfs/entry-table.ts";

/**
 * A context as an ignore file lets it be seen. A directory that is ignored is there all the same when an exception
 * lets something below it in.
 */
export function ignoredView(tree: EntryTable, matcher: IgnoreMatcher): EntryTable {
  return tree.filter((path) => {
    if (!matcher.excludes(path)) return "keep";
    return matcher.mayContainIncluded(path) ? "enter" : "drop";
  });
}
