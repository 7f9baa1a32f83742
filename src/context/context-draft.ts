import type { Place } from "../rootfs/node-line.ts";
import { Parents } from "../rootfs/parents.ts";
import { EntryError, TableBuilder } from "../rootfs/table-builder.ts";
import type { Node } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { AvailableFiles } from "./available-files.ts";
import type { Context } from "./context.ts";
import { ListingDigester } from "./listing.ts";
import { ListingError } from "./listing-error.ts";
import { packReader } from "./pack-reader.ts";
import { stretchesOf } from "./place.ts";

export interface DraftLimits {
  /** Entries. Default 500,000. */
  maxEntries?: number;
  /** Bytes of all files. Default 16 GiB. */
  maxBytes?: number;
}

/** Makes a context of a listing whose files lie in packs already, or says which do not. */
export class ContextDraft {
  readonly #files: AvailableFiles;
  readonly #entries: TableBuilder;
  readonly #maxBytes: number;
  readonly #digester = new ListingDigester();
  readonly #parents = new Parents();
  readonly #missing = new Set<string>();
  /** Numbers of packs in which files lie. */
  readonly #used = new Set<number>();
  #bytes = 0;

  constructor(files: AvailableFiles, { maxEntries = 500_000, maxBytes = 16 * 2 ** 30 }: DraftLimits = {}) {
    this.#files = files;
    this.#maxBytes = maxBytes;
    this.#entries = new TableBuilder({ most: maxEntries + 1 });
    this.#parents.missingBefore({ path: "", type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 });
  }

  /**
   * Adds the next entry in path order; `place` is where its contents are known to lie. Throws `ListingError` when it does
   * not fit in with those before.
   */
  add(node: Node, place?: Place): void {
    const { path, type, size } = node;
    const above = this.#parents.missingBefore(node);
    if (above === undefined || above.length > 0)
      throw new ListingError(path, "its directory is not in the listing");
    if (type === "hardlink" && this.#entries.lookup(node.linkname ?? "")?.type !== "file") {
      throw new ListingError(path, "its target is no file before it in the listing");
    }
    this.#bytes += size;
    if (this.#bytes > this.#maxBytes)
      throw new ListingError(path, `there are more than ${this.#maxBytes} bytes of files`);
    const at = type === "file" && size > 0 ? (place ?? this.#find(node)) : undefined;
    try {
      // Entries come in path order, so the path is new; that its directory is there was seen above.
      if (type === "hardlink") this.#entries.add(node, at);
      else this.#entries.append(node, at);
    } catch (error) {
      if (error instanceof EntryError) throw new ListingError(path, error.message, { cause: error });
      throw error;
    }
    if (at !== undefined) for (const { pack } of stretchesOf(at, size)) this.#used.add(pack);
    this.#digester.add(node);
  }

  /** The end of the listing. The draft is of no further use. */
  finish(store: ObjectStore): FinishedDraft {
    const packs = this.#files.packs
      .slice(0, Math.max(-1, ...this.#used) + 1)
      .map((pack, number) => (this.#used.has(number) ? pack : undefined));
    const tree = this.#entries.finish(packReader(store, packs));
    return { digest: this.#digester.digest(), tree, packs, missing: [...this.#missing] };
  }

  #find({ path, size, digest = "" }: Node): Place | undefined {
    const found = this.#files.find(digest, size);
    if (found === undefined) {
      this.#missing.add(digest);
      return undefined;
    }
    if (found.size === size) return found.place;
    throw new ListingError(path, `it has ${size} bytes, and what has its digest has ${found.size}`);
  }
}

/** A context but for what is missing. */
export interface FinishedDraft extends Context {
  /** Digests of files that are in none of the packs, each once, in path order. */
  missing: string[];
}
