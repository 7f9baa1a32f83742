import type { EntryType } from "../tar/entry.ts";
import type { Contents, Node } from "./tree.ts";

/** Where the contents of a file lie, in numbers that only the maker of the table understands. */
export type Place = number | readonly number[];

/** Makes contents from a place. */
export type ContentsAt = (place: Place, node: Node) => Contents;

/**
 * A node as a line of JSON, a list that ends with its last value that is not 0:
 * path, letter of the type, mode, uid, gid, mtime, size, digest (hex) or link target, place, the rare rest.
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
  place?: Place,
  rest?: { device?: { major: number; minor: number }; xattrs?: Record<string, string> },
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

/** The line of a node, without a line end. Throws `TypeError` for a digest that is not SHA-256. */
export function encodeNode(node: Node, place?: Place): string {
  const { path, mode, uid, gid, mtime, size, device, xattrs } = node;
  const letter = node.implied ? "i" : LETTERS[node.type];
  const line: NodeLine = [path, letter, mode, uid, gid, mtime, size];
  const rest = device !== undefined || xattrs !== undefined;
  if (node.digest !== undefined || node.linkname !== undefined || place !== undefined || rest) {
    line.push(node.linkname ?? (node.digest === undefined ? 0 : hexOf(node)));
    if (place !== undefined || rest) line.push(place ?? 0);
    if (rest) line.push({ ...(device && { device }), ...(xattrs && { xattrs }) });
  }
  return JSON.stringify(line);
}

/** The node of a line that `encodeNode` wrote. */
export function decodeNode(text: string, contentsAt?: ContentsAt): Node {
  const [path, letter, mode, uid, gid, mtime, size, target, place, rest] = JSON.parse(text) as NodeLine;
  const type = TYPES[letter];
  const node: Node = { path, type, mode, uid, gid, mtime, size };
  if (letter === "f") {
    if (target) node.digest = SHA256 + target;
    if (contentsAt !== undefined) node.contents = contentsAt(place ?? 0, node);
  } else if (letter === "i") {
    node.implied = true;
  } else if (letter === "l" || letter === "h") {
    node.linkname = target || "";
  }
  if (rest?.device !== undefined) node.device = rest.device;
  if (rest?.xattrs !== undefined) node.xattrs = rest.xattrs;
  return node;
}

/** The place in a line that `encodeNode` wrote. */
export function decodePlace(text: string): Place | undefined {
  return (JSON.parse(text) as NodeLine)[8];
}

function hexOf(node: Node): string {
  const digest = node.digest ?? "";
  if (!digest.startsWith(SHA256)) {
    throw new TypeError(`Cannot record "${node.path}": its digest ${digest} is not SHA-256`);
  }
  return digest.slice(SHA256.length);
}
