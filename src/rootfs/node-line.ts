import { sha256 } from "../streams/sha256.ts";
import { addWork } from "../streams/turns.ts";
import type { EntryType } from "../tar/entry.ts";
import { type ListingRest, listingLine } from "./listing-line.ts";
import type { Contents, Node } from "./tree.ts";

/** Where the contents of a file lie, in numbers that only the maker of the table understands. */
export type Place = number | readonly number[];

/** Makes contents of a size from a place. */
export type ContentsAt = (place: Place, size: number) => Contents;

/**
 * A node as a line of JSON: a list of its line in the canonical listing, and, after a tab, of what that does not tell.
 * It ends with its last value that there is.
 */
type NodeLine = [listed: ListedLine, mtime: number, place?: Place | null, rest?: NodeRest];

/** See `listingLine`. */
type ListedLine = [
  path: string,
  type: EntryType,
  mode: number,
  uid: number,
  gid: number,
  size: number,
  text: string,
  rest?: ListingRest,
];

interface NodeRest {
  implied?: true;
  /** Of the target of a hard link, and the bytes of its contents. */
  target?: [digest: string, size: number];
}

/** Stands in a line once: between what is listed and the rest. JSON escapes it within texts. */
export const SEPARATOR = "\t";

/** What reading a character of a line costs. Extended attributes can make it long. */
const CHARACTER = 4;

const SHA256 = "sha256:";
const NO_BYTES = sha256("");

/** Those of an empty file. */
export const NO_CONTENTS: Contents = { size: 0, async *read() {} };

/**
 * The line of a node, without a line end. `size` is that of the contents at `place`: a hard link has none of its own.
 * Throws `TypeError` for a digest that is not SHA-256.
 */
export function encodeNode(node: Node, place?: Place, size = node.size): string {
  const { path, linkname, digest, mtime } = node;
  if (digest !== undefined && !digest.startsWith(SHA256))
    throw new TypeError(`Cannot record "${path}": its digest ${digest} is not SHA-256`);
  const rest: NodeRest = {
    ...(node.implied && { implied: true }),
    ...(linkname !== undefined && digest !== undefined && { target: [digest, size] }),
  };
  let text = `[${listingLine(node)},${SEPARATOR}${mtime}`;
  const hasRest = rest.implied !== undefined || rest.target !== undefined;
  if (place !== undefined || hasRest) text += `,${JSON.stringify(place ?? null)}`;
  if (hasRest) text += `,${JSON.stringify(rest)}`;
  return `${text}]`;
}

/** The node of a line that `encodeNode` wrote. */
export function decodeNode(line: string, contentsAt?: ContentsAt): Node {
  addWork(CHARACTER * line.length);
  const [listed, mtime, place, rest] = JSON.parse(line) as NodeLine;
  const [path, type, mode, uid, gid, size, text, { device, xattrs } = {}] = listed;
  const node: Node = { path, type, mode, uid, gid, mtime, size };
  if (type === "symlink" || type === "hardlink") node.linkname = text;
  const [digest, bytes] = rest?.target ?? [type === "file" ? text : "", size];
  if (digest) {
    node.digest = digest;
    if (contentsAt !== undefined) {
      if (digest === NO_BYTES) node.contents = NO_CONTENTS;
      else if (place !== undefined && place !== null) node.contents = contentsAt(place, bytes);
    }
  }
  if (rest?.implied) node.implied = true;
  if (device !== undefined) node.device = { major: device[0], minor: device[1] };
  if (xattrs !== undefined) node.xattrs = xattrs;
  return node;
}

/** Place and size of the contents in a line that `encodeNode` wrote. */
export function decodePlace(line: string): { place: Place | undefined; size: number } {
  addWork(CHARACTER * line.length);
  const [listed, , place, rest] = JSON.parse(line) as NodeLine;
  return { place: place ?? undefined, size: rest?.target?.[1] ?? listed[5] };
}
