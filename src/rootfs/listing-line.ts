import { addWork } from "../streams/turns.ts";
import type { Node } from "./tree.ts";

/** What writing a character of extended attributes costs. */
const CHARACTER = 4;

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
