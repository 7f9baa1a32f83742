import { childPath } from "../../rootfs/path-parts.ts";
import { OPAQUE_WHITEOUT, WHITEOUT } from "../../rootfs/whiteout.ts";
import type { Entry } from "../../tar/entry.ts";
import { TarError } from "../../tar/error.ts";
import type { TarMember } from "../../tar/read.ts";
import { comparePaths } from "../../tar/text.ts";
import { encodeMember, endOfArchive, padding } from "../../tar/write.ts";
import type { DirectoryRecord } from "./directory-record.ts";

/** A member of a layer, with its contents. */
export type LayerMember = Pick<TarMember, "entry" | "body" | "bytes">;

/** A path of the layer. */
interface Place {
  isDirectory: boolean;
  entry?: Entry;
  opaque: boolean;
  removed: boolean;
  children?: Map<string, Place>;
}

/** Attributes that overlayfs interprets. They are removed from layers. */
export const OVERLAY_XATTR = /^(?:trusted|user)\.overlay\./;
const FLUSH = 256 * 1024;

/** A record to be filled by `overlayMembers`. */
export function emptyRecord(): DirectoryRecord {
  return { implied: [], bytes: 0, index: { xattrs: {}, opaque: [], links: [], hasRemovals: false } };
}

/**
 * Converts the members of a layer to an archive of a lower directory of overlayfs: removals become devices 0:0, hidden
 * directories get `<prefix>.overlay.opaque`. The path of each member contains only directories of this archive, so that
 * unpacking it into an empty directory cannot write elsewhere. `record` is complete at the end. Leaves out entries that
 * `isMade` rejects.
 *
 * @throws {TarError} `escapes` for a member below a file or link of the same layer, `bad-header` for a hard link to a
 *   missing file
 */
export async function* overlayMembers(
  members: AsyncIterable<LayerMember>,
  prefix: "trusted" | "user",
  record: DirectoryRecord,
  isMade: (entry: Entry) => boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  const root: Place = directory();
  const out = new Batch();
  for await (const { entry, body, bytes } of members) {
    const names = entry.path === "" ? [] : entry.path.split("/");
    const last = names.at(-1) ?? "";
    const parent = names.length === 0 ? root : parentOf(root, names, entry.path);
    if (last.startsWith(WHITEOUT)) {
      if (last === OPAQUE_WHITEOUT) parent.opaque = true;
      else if (!last.startsWith(".wh..wh.")) remove(parent, last.slice(WHITEOUT.length), entry.path);
      continue;
    }
    const target = entry.type === "hardlink" ? targetOf(root, entry) : entry;
    put(root, parent, last, entry);
    if (!isMade(target)) continue;
    out.add(encodeMember(withoutOverlayXattrs(entry)));
    record.bytes += 4096;
    if (entry.type === "file" && entry.size > 0) {
      record.bytes += entry.size;
      if (bytes !== undefined) {
        out.add(bytes);
      } else {
        for await (const chunk of body) {
          out.add(chunk);
          if (out.size >= FLUSH) yield out.take();
        }
      }
      out.add(padding(entry.size));
    }
    if (out.size >= FLUSH) yield out.take();
  }
  if (root.entry !== undefined) {
    const { mode, uid, gid, mtime } = root.entry;
    record.root = { mode, uid, gid, mtime };
  }
  const links = new Map<string, string[]>();
  for (const entry of removalEntries(root, root, "", prefix, record, links)) {
    out.add(encodeMember(entry));
    if (out.size >= FLUSH) yield out.take();
  }
  for (const names of links.values()) record.index.links.push(names.sort(comparePaths));
  out.add(endOfArchive);
  yield out.take();
}

function directory(): Place {
  return { isDirectory: true, opaque: false, removed: false };
}

function parentOf(root: Place, names: readonly string[], path: string): Place {
  let place = root;
  for (let i = 0; i < names.length - 1; i++) {
    const name = names[i] as string;
    place.children ??= new Map();
    let next = place.children.get(name);
    if (next === undefined || (!next.isDirectory && next.removed && next.entry === undefined)) {
      const removed = next?.removed ?? false;
      next = { ...directory(), removed };
      place.children.set(name, next);
    }
    if (!next.isDirectory)
      throw new TarError("escapes", path, "it is below an entry that is not a directory");
    place = next;
  }
  return place;
}

function remove(parent: Place, name: string, path: string): void {
  if (name === "" || name === "." || name === "..")
    throw new TarError("bad-header", path, "it removes nothing");
  parent.children ??= new Map();
  const place = parent.children.get(name);
  if (place === undefined) parent.children.set(name, { isDirectory: false, opaque: false, removed: true });
  else place.removed = true;
}

function targetOf(root: Place, entry: Entry): Entry {
  const place = placeAt(root, entry.linkname ?? "");
  if (place === undefined || place.isDirectory || place.entry === undefined) {
    throw new TarError(
      "bad-header",
      entry.path,
      `it links to ${JSON.stringify(entry.linkname)}, which is not in the layer`,
    );
  }
  return place.entry;
}

function put(root: Place, parent: Place, name: string, entry: Entry): void {
  if (name === "") {
    if (entry.type !== "dir") throw new TarError("bad-header", entry.path, "the root is not a directory");
    root.entry = entry;
    return;
  }
  parent.children ??= new Map();
  const before = parent.children.get(name);
  if (entry.type === "dir" && before?.isDirectory) {
    before.entry = entry;
    return;
  }
  if (before?.isDirectory && hasEntries(before)) {
    throw new TarError("bad-header", entry.path, "it replaces a directory that is not empty");
  }
  parent.children.set(name, {
    isDirectory: entry.type === "dir",
    entry,
    opaque: false,
    removed: before?.removed ?? false,
  });
}

/** Whether anything was unpacked below it. */
function hasEntries({ children }: Place): boolean {
  for (const child of children?.values() ?? [])
    if (child.isDirectory || child.entry !== undefined) return true;
  return false;
}

function withoutOverlayXattrs(entry: Entry): Entry {
  if (entry.xattrs === undefined || !Object.keys(entry.xattrs).some((key) => OVERLAY_XATTR.test(key))) {
    return entry;
  }
  const kept = Object.entries(entry.xattrs).filter(([key]) => !OVERLAY_XATTR.test(key));
  return { ...entry, xattrs: Object.fromEntries(kept) };
}

/** Entries that mark removals for overlayfs, after all others. Also fills the record. */
function* removalEntries(
  root: Place,
  place: Place,
  path: string,
  prefix: string,
  record: DirectoryRecord,
  links: Map<string, string[]>,
): Generator<Entry, void, undefined> {
  const { index } = record;
  for (const [name, child] of place.children ?? []) {
    const at = childPath(path, name);
    const { xattrs } = child.entry === undefined ? {} : withoutOverlayXattrs(child.entry);
    if (xattrs !== undefined) index.xattrs[at] = xattrs;
    if (child.entry?.type === "hardlink") addLink(root, links, at, child.entry);
    if (child.isDirectory) {
      if (child.entry === undefined) record.implied.push(at);
      // A removal together with a new directory hides the entries that lower layers have in it.
      if (child.opaque || child.removed) {
        index.opaque.push(at);
        index.hasRemovals = true;
        const entry = withoutOverlayXattrs(child.entry ?? impliedDirectory(at));
        yield { ...entry, xattrs: { ...entry.xattrs, [`${prefix}.overlay.opaque`]: "eQ==" } };
      }
      yield* removalEntries(root, child, at, prefix, record, links);
    } else if (child.removed && child.entry === undefined) {
      index.hasRemovals = true;
      yield { ...impliedDirectory(at), type: "char", mode: 0, device: { major: 0, minor: 0 } };
    }
  }
}

/** Adds a name to those of the file that it is a hard link to. */
function addLink(root: Place, links: Map<string, string[]>, path: string, entry: Entry): void {
  const seen = new Set([path]);
  let target = entry.linkname ?? "";
  for (let next = placeAt(root, target)?.entry; next?.type === "hardlink" && !seen.has(target); ) {
    seen.add(target);
    target = next.linkname ?? "";
    next = placeAt(root, target)?.entry;
  }
  const names = links.get(target);
  if (names === undefined) links.set(target, [target, path]);
  else names.push(path);
}

function placeAt(root: Place, path: string): Place | undefined {
  let place: Place | undefined = root;
  for (const name of path.split("/")) place = place?.children?.get(name);
  return place;
}

function impliedDirectory(path: string): Entry {
  return { path, type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
}

/** Collects small pieces for large writes to a pipe. */
class Batch {
  #parts: Uint8Array[] = [];
  size = 0;

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.size += part.length;
  }

  take(): Uint8Array {
    const whole = Buffer.concat(this.#parts, this.size);
    this.#parts = [];
    this.size = 0;
    return whole;
  }
}
