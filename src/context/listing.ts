import type { Node, Tree } from "../rootfs/tree.ts";
import { Digester } from "../streams/sha256.ts";

/** Lines hashed at a time. */
const BATCH = 1024;

/** What an entry of a listing has besides its seven columns. */
export interface ListingRest {
  device?: [major: number, minor: number];
  xattrs?: Record<string, string>;
  /** Seconds since 1970. Not of the canonical listing. */
  mtime?: number;
}

/**
 * An entry as a line of the canonical listing, without its end: a JSON list of path, type, mode, uid, gid, size,
 * digest or link target (or an empty text) and, only where there are any, device and extended attributes. The time
 * is not in it: who checks a repository out again gets other times.
 */
export function listingLine(node: Node): string {
  return line(node, {});
}

/** The same with the time, as a client sends it. */
export function timedListingLine(node: Node): string {
  return line(node, { mtime: node.mtime });
}

function line({ path, type, mode, uid, gid, size, ...node }: Node, extra: ListingRest): string {
  const columns: unknown[] = [path, type, mode, uid, gid, size, node.linkname ?? node.digest ?? ""];
  const { device, xattrs } = node;
  if (device !== undefined || xattrs !== undefined || extra.mtime !== undefined) {
    columns.push({
      ...(device && { device: [device.major, device.minor] }),
      ...(xattrs && { xattrs }),
      ...extra,
    } satisfies ListingRest);
  }
  return JSON.stringify(columns);
}

/** `sha256:<hex>` of the canonical listing: the lines of all entries but the root, in path order, each with `\n`. */
export function listingDigest(tree: Pick<Tree, "walk">): string {
  const digester = new ListingDigester();
  for (const node of tree.walk("")) digester.add(node);
  return digester.digest();
}

/** The digest of a listing whose entries come one by one, in path order. */
export class ListingDigester {
  readonly #digester = new Digester();
  readonly #encoder = new TextEncoder();
  #lines: string[] = [];

  add(node: Node): void {
    this.#lines.push(listingLine(node));
    if (this.#lines.length === BATCH) this.#flush();
  }

  /** Of no further use then. */
  digest(): string {
    this.#flush();
    return this.#digester.digest();
  }

  #flush(): void {
    this.#digester.update(this.#encoder.encode(this.#lines.map((text) => `${text}\n`).join("")));
    this.#lines = [];
  }
}
