import type { Node } from "../rootfs/tree.ts";

const KIB = 1024;
/** Minimum size of a chunk. */
const MIN_CHUNK = 128 * KIB;
/** Average additional size of a chunk. */
const EXPECTED = 256 * KIB;
/** A larger chunk does not continue with another entry. */
const MAX_CHUNK = 512 * KIB;
/** Contents from this size on are cut at multiples of it, relative to their own start. */
export const PIECE = 512 * KIB;

/**
 * Whether a chunk with `filled` bytes of tar ends before this entry. Apart from the size limits, this depends only on
 * the entry, so the cuts resynchronise a few chunks after a changed entry. The probability of a cut is proportional to
 * the size of the entry.
 */
export function cutsBefore(node: Node, filled: number): boolean {
  if (filled < MIN_CHUNK) return false;
  if (filled >= MAX_CHUNK) return true;
  return hash(node) < (node.size + KIB) * (0x100000000 / EXPECTED);
}

/** A 32-bit hash of path, type and contents. Must never change: all layers would be cut differently. */
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
