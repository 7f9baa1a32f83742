import { NO_BYTES } from "../streams/sha256.ts";
import { addWork } from "../streams/turns.ts";
import type { EntryType } from "../tar/entry.ts";
import { formatListingLine, type ListingRest } from "./listing-line.ts";
import type { Contents, Node } from "./tree.ts";

/** The location of a file's contents, as numbers whose meaning only the creator of the table knows. */
export type Place = number | readonly number[];

/** Creates contents of a given size at a place. */
export type ContentsAt = (place: Place, size: number) => Contents;

/**
 * A node as a line of JSON: a list of its line in the canonical listing and, after a tab, of the other fields. Trailing
 * empty values are omitted.
 */
type NodeLine = [listed: ListedLine, mtime: number, place?: Place | null, rest?: NodeRest];

/** See `formatListingLine`. */
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
  /** Digest and size of the target's contents, for a hard link. */
  target?: [digest: string, size: number];
}

/** Occurs once in a line, between the listed part and the rest. JSON escapes it within texts. */
export const SEPARATOR = "\t";

/** Cost of reading a character of a line, which extended attributes can make long. */
const CHARACTER = 4;

const SHA256 = "sha256:";

/** The contents of an empty file. */
const NO_CONTENTS: Contents = { size: 0, async *read() {} };

/**
 * Encodes a node as a line without line end. `size` is the size of the contents at `place`; a hard link has no size of
 * its own.
 * @throws {TypeError} for a digest that is not SHA-256
 */
export function encodeNode(node: Node, place?: Place, size = node.size): string {
  const { path, linkname, digest, mtime } = node;
  if (digest !== undefined && !digest.startsWith(SHA256))
    throw new TypeError(`Cannot record "${path}": its digest ${digest} is not SHA-256`);
  const rest: NodeRest = {
    ...(node.implied && { implied: true }),
    ...(linkname !== undefined && digest !== undefined && { target: [digest, size] }),
  };
  let text = `[${formatListingLine(node)},${SEPARATOR}${mtime}`;
  const hasRest = rest.implied !== undefined || rest.target !== undefined;
  if (place !== undefined || hasRest) text += `,${JSON.stringify(place ?? null)}`;
  if (hasRest) text += `,${JSON.stringify(rest)}`;
  return `${text}]`;
}

/** Decodes a line written by `encodeNode`. */
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

/** A node with the place of its contents, if known. */
export interface PlacedNode {
  node: Node;
  place?: Place | undefined;
}

/** Decodes a line written by `encodeNode`, without contents. */
export function decodePlaced(line: string): PlacedNode {
  let place: Place | undefined;
  const node = decodeNode(line, (at) => {
    place = at;
    return NO_CONTENTS;
  });
  return { node, place };
}

/** Place and size of the contents in a line written by `encodeNode`. */
export function decodePlace(line: string): { place: Place | undefined; size: number } {
  addWork(CHARACTER * line.length);
  const [listed, , place, rest] = JSON.parse(line) as NodeLine;
  return { place: place ?? undefined, size: rest?.target?.[1] ?? listed[5] };
}
