import { EntryError } from "../rootfs/entry-error.ts";
import type { EntryTable } from "../rootfs/entry-table.ts";
import type { ContentsAt, Place } from "../rootfs/node-line.ts";
import { Parents } from "../rootfs/parents.ts";
import { TableBuilder } from "../rootfs/table-builder.ts";
import type { Node } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { inTurns } from "../streams/turns.ts";
import type { AvailableFiles } from "./available-files.ts";
import type { Context } from "./context.ts";
import { tableDigest } from "./listing.ts";
import { ListingError } from "./listing-error.ts";
import { packReader } from "./pack-reader.ts";
import { Placing } from "./placing.ts";

export interface DraftLimits {
  /** Maximum number of entries. Default 500,000. */
  maxEntries?: number | undefined;
  /** Maximum number of bytes of all files. Default 16 GiB. */
  maxBytes?: number | undefined;
}

/** Maximum number of entries of a context, without the root. */
export const MAX_ENTRIES = 500_000;

/** A context, except for missing files. */
export interface FinishedDraft extends Context {
  /** Distinct digests of the files that no pack contains, in path order. */
  missing: string[];
}

/** Builds a context from a listing whose files are already in packs, or reports which files are missing. */
export class ContextDraft {
  readonly #files: AvailableFiles;
  readonly #placing: Placing;
  readonly #entries: TableBuilder;
  readonly #parents = new Parents();

  constructor(files: AvailableFiles, { maxEntries = MAX_ENTRIES, maxBytes }: DraftLimits = {}) {
    this.#files = files;
    this.#placing = new Placing(files, maxBytes);
    this.#entries = new TableBuilder({ maxEntries: maxEntries + 1 });
    this.#parents.missingBefore({ path: "", type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 });
  }

  /**
   * Adds the next entry in path order; `known` is the place of its contents, if known.
   * @throws {ListingError} when it does not fit with the entries before
   */
  add(node: Node, known?: Place): void {
    const { path, type } = node;
    const above = this.#parents.missingBefore(node);
    if (above === undefined || above.length > 0) throw withoutDirectory(path);
    if (type === "hardlink" && this.#entries.lookup(node.linkname ?? "")?.type !== "file") {
      throw new ListingError(path, "its target is not an earlier file of the listing");
    }
    const place = this.#placing.add(node, known);
    asListingError(path, () => {
      // Entries come in path order, so the path is new; its directory was checked above.
      if (type === "hardlink") this.#entries.add(node, place);
      else this.#entries.append(node, place);
    });
  }

  /** Ends the listing. The draft cannot be used afterwards. */
  finish(store: ObjectStore): Promise<FinishedDraft> {
    return finishDraft(store, this.#files, this.#placing, (contentsAt) =>
      inTurns(this.#entries.finishInPieces(contentsAt)),
    );
  }
}

/** Computes the digest, and leaves out unused packs. */
export async function finishDraft(
  store: ObjectStore,
  files: AvailableFiles,
  { usage, missing }: Placing,
  finish: (contentsAt: ContentsAt) => Promise<EntryTable> | EntryTable,
): Promise<FinishedDraft> {
  const packs = usage.packsOf(files.packs);
  const tree = await finish(packReader(store, packs));
  return { digest: await inTurns(tableDigest(tree)), tree, packs, usage, missing: [...missing] };
}

export function withoutDirectory(path: string): ListingError {
  return new ListingError(path, "its directory is not in the listing");
}

export function asListingError<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EntryError) throw new ListingError(path, error.message, { cause: error });
    throw error;
  }
}
