import type { Node, Tree } from "../rootfs/tree.ts";
import { Digester } from "../streams/sha256.ts";

/** Lines hashed at a time. */
const BATCH = 1024;

/**
 * An entry as a line of the canonical listing, without its end: a JSON list of path, type, mode, uid, gid, size,
 * digest or link target (or an empty text) and, only where there are any, device and extended attributes. The time
 * is not in it: who checks a repository out again gets other times.
 */
export function listingLine({ path, type, mode, uid, gid, size, ...node }: Node): string {
  const line: unknown[] = [path, type, mode, uid, gid, size, node.linkname ?? node.digest ?? ""];
  const { device, xattrs } = node;
  if (device !== undefined || xattrs !== undefined) {
    line.push({ ...(device && { device: [device.major, device.minor] }), ...(xattrs && { xattrs }) });
  }
  return JSON.stringify(line);
}

/** `sha256:<hex>` of the canonical listing: the lines of all entries but the root, in path order, each with `\n`. */
export function listingDigest(tree: Tree): string {
  const digester = new Digester();
  const encoder = new TextEncoder();
  let lines: string[] = [];
  const flush = () => {
    digester.update(encoder.encode(lines.map((line) => `${line}\n`).join("")));
    lines = [];
  };
  for (const node of tree.walk("")) {
    lines.push(listingLine(node));
    if (lines.length === BATCH) flush();
  }
  flush();
  return digester.digest();
}
