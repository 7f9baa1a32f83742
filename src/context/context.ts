import type { EntryTable } from "../rootfs/entry-table.ts";
import type { Pack } from "./pack.ts";
import type { Usage } from "./usage.ts";

/** A build context, or anything else that came as files: an archive, a checkout, a download. */
export interface Context {
  /** Of its listing; names it. */
  digest: string;
  tree: EntryTable;
  /** Where the contents of its files lie; numbers of packs in their places count from here. */
  packs: readonly (Pack | undefined)[];
  /** Of these packs by these files. */
  usage: Readonly<Usage>;
}
