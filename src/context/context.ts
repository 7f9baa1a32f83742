import type { EntryTable } from "../rootfs/entry-table.ts";
import type { PlacedNode } from "../rootfs/node-line.ts";
import type { Pack } from "./pack.ts";
import type { PackUsage } from "./usage.ts";

/** A build context, or another set of received files: an archive, a checkout, a download. */
export interface Context {
  /** Digest of its listing, which identifies it. */
  digest: string;
  tree: EntryTable;
  /** The packs with the contents of its files; places refer to them by index. */
  packs: readonly (Pack | undefined)[];
  /** Usage of these packs by these files. */
  usage: Readonly<PackUsage>;
}

/** What a listing of differences needs of the context that it changes. */
export interface ContextEntries extends Pick<Context, "packs"> {
  tree: {
    /** All entries except the root, in path order. Can be called repeatedly. */
    placed(): Iterable<PlacedNode>;
  };
}
