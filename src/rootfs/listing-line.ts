import { addWork } from "../streams/turns.ts";
import type { Node } from "./tree.ts";

/** Cost of writing a character of extended attributes. */
const CHARACTER = 4;

/** The optional fields of an entry, after its seven columns. */
export interface ListingRest {
  device?: [major: number, minor: number];
  xattrs?: Record<string, string>;
  /** Seconds since 1970. Not part of the canonical listing. */
  mtime?: number;
}

/**
 * An entry as a line of the canonical listing, without line end: a JSON list of path, type, mode, uid, gid, size,
 * digest or link target (or an empty text) and, only if present, device and extended attributes. Times are excluded,
 * because each checkout of a repository has other times.
 */
export function formatListingLine(node: Node): string {
  return line(node, {});
}

/** Like `formatListingLine`, with the time, as a client sends it. */
export function timedListingLine(node: Node): string {
  return line(node, { mtime: node.mtime });
}

function line(node: Node, extra: ListingRest): string {
  const { path, type, mode, uid, gid, size, linkname, digest, device, xattrs } = node;
  const text = linkname === undefined ? `"${digest ?? ""}"` : JSON.stringify(linkname);
  const columns = `${JSON.stringify(path)},"${type}",${mode},${uid},${gid},${size},${text}`;
  if (device === undefined && xattrs === undefined && extra.mtime === undefined) return `[${columns}]`;
  const rest: ListingRest = {
    ...(device && { device: [device.major, device.minor] }),
    ...(xattrs && { xattrs }),
    ...extra,
  };
  const others = JSON.stringify(rest);
  addWork(CHARACTER * others.length);
  return `[${columns},${others}]`;
}
