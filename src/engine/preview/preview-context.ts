import type { EntryTable } from "../../rootfs/entry-table.ts";
import type { BuildContext } from "../keyed-step.ts";

/** A context as far as it is known: contents need not be there. */
export interface PreviewContext extends BuildContext {
  tree: EntryTable;
  /**
   * Whether a file with this digest came through the scope of the build. The build cache is not asked about others, so
   * that nobody finds out what somebody else has by naming its digest.
   */
  isOwn(digest: string): boolean;
}

/** Contexts by name; the main one is without a name. Those that were not given are not in it. */
export type PreviewContexts = ReadonlyMap<string | undefined, PreviewContext>;
