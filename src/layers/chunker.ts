import type { Node } from "../rootfs/tree.ts";

const KIB = 1024;
/** A chunk is not cut before it has this much. */
const SHORTEST = 128 * KIB;
/** And then, on average, after this much more. */
const EXPECTED = 256 * KIB;
/** Nor does it go on into another entry beyond this. */
const LONGEST = 512 * KIB;
/** Contents from this size on are cut at multiples of it, counted from their own start. */
export const PIECE = 512 * KIB;

/**
 * Whether a chunk with `filled` bytes of tar ends before this entry. The entry alone decides, but for the bounds: so
 * the cuts around entries that stay the same stay, too, a few chunks after one that changed. A large entry is as
 * likely to cut as all the small ones that would fit into it.
 */
export function cutsBefore(node: Node, filled: number): boolean {
  if (filled < SHORTEST) return false;
  if (filled >= LONGEST) return true;
  return hash(node) < (node.size + KIB) * (0x100000000 / EXPECTED);
}

/** 32 bits of what the entry is: path, type and contents. Never change it: layers would be cut anew everywhere. */
function hash(node: Node): number {
  let value = 0x811c9dc5;
  for (const text of [node.path, node.type, node.digest ?? node.linkname ?? ""]) {
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    value = Math.imul(value ^ 0xff, 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
