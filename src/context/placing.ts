import type { Place } from "../rootfs/node-line.ts";
import type { Node } from "../rootfs/tree.ts";
import type { AvailableFiles } from "./available-files.ts";
import { ListingError } from "./listing-error.ts";
import { Usage } from "./usage.ts";

/** Bytes of all files of a context, by default. */
const MOST_BYTES = 16 * 2 ** 30;

/** Says of the files of a listing in which packs they lie, and keeps count of them. */
export class Placing {
  readonly usage: Usage;
  /** Digests of files that are in none of the packs, each once, in the order of the listing. */
  readonly missing = new Set<string>();
  readonly #files: AvailableFiles;
  readonly #most: number;
  /** Of all files, those that are missing included. */
  #bytes: number;

  /** @param usage what those files take that are there already. Taken over */
  constructor(files: AvailableFiles, most = MOST_BYTES, usage = new Usage()) {
    this.#files = files;
    this.#most = most;
    this.usage = usage;
    this.#bytes = usage.bytes;
  }

  /** Where the contents of an entry lie; `known` is where they are known to. Throws `ListingError`. */
  add(node: Node, known?: Place): Place | undefined {
    const { path, type, size } = node;
    this.#bytes += size;
    if (this.#bytes > this.#most)
      throw new ListingError(path, `there are more than ${this.#most} bytes of files`);
    if (type !== "file" || size === 0) return undefined;
    const place = known ?? this.#find(node);
    if (place !== undefined) this.usage.add(place, size);
    return place;
  }

  /** The file of this size that lies there is there no more. */
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
    throw new ListingError(path, `it has ${size} bytes, and what has its digest has ${found.size}`);
  }
}
