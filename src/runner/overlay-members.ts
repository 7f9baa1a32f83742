import type { Entry } from "../tar/entry.ts";
import { TarError } from "../tar/error.ts";
import type { TarMember } from "../tar/read.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";

/** A path of the layer. A directory keeps its entry, once one came. */
interface Place {
  isDirectory: boolean;
  entry?: Entry;
  opaque: boolean;
  removed: boolean;
  children?: Map<string, Place>;
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** overlayfs obeys these, so no layer may bring them. */
const OVERLAY_XATTR = /^(?:trusted|user)\.overlay\./;
const FLUSH = 256 * 1024;

/** What is only known when all members have passed. */
export interface OverlaySummary {
  /** Directories that the layer needs and says nothing about, parents first. */
  implied: string[];
  /** The root, when the layer has it. */
  root: Entry | undefined;
  /** Bytes that the files take on disk, about. */
  bytes: number;
}

/**
 * The members of a layer as an archive of a lower directory of overlayfs: removals become devices 0:0, hidden
 * directories get `<prefix>.overlay.opaque`. No member leads through anything but a directory of this archive, so
 * that unpacking it into an empty directory stays there. `summary` is filled in at the end. What `isMade` does not
 * want is left out.
 *
 * @throws {TarError} `escapes` for a member below a file or link of the same layer, `bad-header` for a hard link to nothing
 */
export async function* overlayMembers(
  members: AsyncIterable<TarMember>,
  prefix: "trusted" | "user",
  summary: OverlaySummary,
  isMade: (entry: Entry) => boolean = () => true,
): AsyncGenerator<Uint8Array, void, undefined> {
  const root: Place = directory();
  const out = new Batch();
  for await (const { entry, body, bytes } of members) {
    const names = entry.path === "" ? [] : entry.path.split("/");
    const last = names.at(-1) ?? "";
    const parent = names.length === 0 ? root : parentOf(root, names, entry.path);
    if (last.startsWith(WHITEOUT)) {
      if (last === OPAQUE) parent.opaque = true;
      else if (!last.startsWith(".wh..wh.")) remove(parent, last.slice(WHITEOUT.length), entry.path);
      continue;
    }
    const target = entry.type === "hardlink" ? targetOf(root, entry) : entry;
    put(root, parent, last, entry);
    if (!isMade(target)) continue;
    out.add(encodeMember(withoutOverlayXattrs(entry)));
    summary.bytes += 4096;
    if (entry.type === "file" && entry.size > 0) {
      summary.bytes += entry.size;
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
  summary.root = root.entry;
  for (const entry of settle(root, "", prefix, summary)) {
    out.add(encodeMember(entry));
    if (out.size >= FLUSH) yield out.take();
  }
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
    if (!next.isDirectory) throw new TarError("escapes", path, "it lies below what is no directory");
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
  let place: Place | undefined = root;
  for (const name of (entry.linkname ?? "").split("/")) place = place?.children?.get(name);
  if (place === undefined || place.isDirectory || place.entry === undefined) {
    throw new TarError(
      "bad-header",
      entry.path,
      `it links to ${JSON.stringify(entry.linkname)}, which the layer has not`,
    );
  }
  return place.entry;
}

function put(root: Place, parent: Place, name: string, entry: Entry): void {
  if (name === "") {
    if (entry.type !== "dir") throw new TarError("bad-header", entry.path, "the root is no directory");
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
    throw new TarError("bad-header", entry.path, "it takes the place of a directory that is not empty");
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

/** What tells overlayfs of removals, after everything else, so that no member comes between. */
function* settle(
  place: Place,
  path: string,
  prefix: string,
  summary: OverlaySummary,
): Generator<Entry, void, undefined> {
  for (const [name, child] of place.children ?? []) {
    const childPath = path === "" ? name : `${path}/${name}`;
    if (child.isDirectory) {
      if (child.entry === undefined) summary.implied.push(childPath);
      // A removal that comes with a new directory hides what lower layers have in it.
      if (child.opaque || child.removed) {
        const entry = withoutOverlayXattrs(child.entry ?? impliedDirectory(childPath));
        yield { ...entry, xattrs: { ...entry.xattrs, [`${prefix}.overlay.opaque`]: "eQ==" } };
      }
      yield* settle(child, childPath, prefix, summary);
    } else if (child.removed && child.entry === undefined) {
      yield { ...impliedDirectory(childPath), type: "char", mode: 0, device: { major: 0, minor: 0 } };
    }
  }
}

function impliedDirectory(path: string): Entry {
  return { path, type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 };
}

/** Collects small pieces, so that a pipe gets large ones. */
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
