import { sha256 } from "../streams/sha256.ts";
import type { EntryType } from "../tar/entry.ts";
import type { Contents, Node } from "./tree.ts";

/** Where the contents of a file lie, in numbers that only the maker of the table understands. */
export type Place = number | readonly number[];

/** Makes contents of a size from a place. */
export type ContentsAt = (place: Place, size: number) => Contents;

/**
 * A node as a line of JSON, a list that ends with its last value that is not 0:
 * path, letter of the type, mode, uid, gid, mtime, size of the contents (those of its target for a hard link), digest
 * (hex) or link target, place of the contents, the rare rest.
 */
type NodeLine = [
  path: string,
  letter: Letter,
  mode: number,
  uid: number,
  gid: number,
  mtime: number,
  size: number,
  text?: string | 0,
  place?: Place | null,
  rest?: {
    device?: { major: number; minor: number };
    xattrs?: Record<string, string>;
    /** Hex, of the target of a hard link. */
    digest?: string;
  },
];

/** As `ls` has them, but `-`; `i` is a directory that is only implied. */
type Letter = "f" | "d" | "i" | "l" | "h" | "c" | "b" | "p";

const LETTERS: Record<EntryType, Letter> = {
  file: "f",
  dir: "d",
  symlink: "l",
  hardlink: "h",
  char: "c",
  block: "b",
  fifo: "p",
};

const TYPES: Record<Letter, EntryType> = {
  f: "file",
  d: "dir",
  i: "dir",
  l: "symlink",
  h: "hardlink",
  c: "char",
  b: "block",
  p: "fifo",
};

const SHA256 = "sha256:";
const NO_BYTES = sha256("");

/** Those of an empty file. */
export const NO_CONTENTS: Contents = { size: 0, async *read() {} };

/**
 * The line of a node, without a line end. `size` is that of the contents at `place`: a hard link has none of its own.
 * Throws `TypeError` for a digest that is not SHA-256.
 */
export function encodeNode(node: Node, place?: Place, size = node.size): string {
  const { path, type, mode, uid, gid, mtime, linkname, device, xattrs } = node;
  const digest = node.digest === undefined ? undefined : hexOf(node.digest, path);
  const letter = node.implied ? "i" : LETTERS[type];
  const line: NodeLine = [path, letter, mode, uid, gid, mtime, size];
  const linkDigest = linkname === undefined ? undefined : digest;
  const rest = device !== undefined || xattrs !== undefined || linkDigest !== undefined;
  const text = linkname ?? digest;
  if (text !== undefined || place !== undefined || rest) line.push(text ?? 0);
  if (place !== undefined || rest) line.push(place ?? null);
  if (rest) {
    line.push({
      ...(device && { device }),
      ...(xattrs && { xattrs }),
      ...(linkDigest !== undefined && { digest: linkDigest }),
    });
  }
  return JSON.stringify(line);
}

/** The node of a line that `encodeNode` wrote. */
export function decodeNode(text: string, contentsAt?: ContentsAt): Node {
  const [path, letter, mode, uid, gid, mtime, size, target, place, rest] = JSON.parse(text) as NodeLine;
  const node: Node = { path, type: TYPES[letter], mode, uid, gid, mtime, size };
  const digest = letter === "f" ? target : rest?.digest;
  if (digest) {
    node.digest = SHA256 + digest;
    if (contentsAt !== undefined) {
      if (node.digest === NO_BYTES) node.contents = NO_CONTENTS;
      else if (place !== undefined && place !== null) node.contents = contentsAt(place, size);
    }
  }
  if (letter === "i") {
    node.implied = true;
  } else if (letter === "l" || letter === "h") {
    node.linkname = target || "";
    node.size = 0;
  }
  if (rest?.device !== undefined) node.device = rest.device;
  if (rest?.xattrs !== undefined) node.xattrs = rest.xattrs;
  return node;
}

/** Place and size of the contents in a line that `encodeNode` wrote. */
export function decodePlace(text: string): { place: Place | undefined; size: number } {
  const line = JSON.parse(text) as NodeLine;
  return { place: line[8] ?? undefined, size: line[6] };
}

function hexOf(digest: string, path: string): string {
  if (digest.startsWith(SHA256)) return digest.slice(SHA256.length);
  throw new TypeError(`Cannot record "${path}": its digest ${digest} is not SHA-256`);
}
