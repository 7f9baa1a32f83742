import type { Place } from "../rootfs/node-line.ts";
import type { Node } from "../rootfs/tree.ts";
import type { AvailableFiles } from "./available-files.ts";
import { ListingError } from "./listing-error.ts";
import { PackUsage } from "./usage.ts";

/** Maximum number of bytes of all files of a context, by default. */
const MAX_BYTES = 16 * 2 ** 30;

/** Finds the packs of the files of a listing, and counts their usage. */
export class Placing {
  readonly usage: PackUsage;
  /** Distinct digests of files that no pack contains, in listing order. */
  readonly missing = new Set<string>();
  readonly #files: AvailableFiles;
  readonly #maxBytes: number;
  /** Bytes of all files, including missing ones. */
  #bytes: number;

  /** @param usage usage by existing files; the constructor takes ownership */
  constructor(files: AvailableFiles, maxBytes = MAX_BYTES, usage = new PackUsage()) {
    this.#files = files;
    this.#maxBytes = maxBytes;
    this.usage = usage;
    this.#bytes = usage.bytes;
  }

  /** The place of an entry's contents; `known` if already known. @throws {ListingError} */
  add(node: Node, known?: Place): Place | undefined {
    const { path, type, size } = node;
    this.#bytes += size;
    if (this.#bytes > this.#maxBytes)
      throw new ListingError(path, `there are more than ${this.#maxBytes} bytes of files`);
    if (type !== "file" || size === 0) return undefined;
    const place = known ?? this.#find(node);
    if (place !== undefined) this.usage.add(place, size);
    return place;
  }

  /** Removes a file of this size. */
  remove(place: Place, size: number): void {
    this.#bytes -= size;
    this.usage.remove(place, size);
  }

  #find({ path, size, digest = "" }: Node): Place | undefined {
    const found = this.#files.find(digest, size);
    if (found === undefined) {
      this.missing.add(digest);
      return undefined;
    }
    if (found.size === size) return found.place;
    throw new ListingError(path, `it has ${size} bytes, but the file with its digest has ${found.size}`);
  }
}
