import type { Node, Tree } from "../../rootfs/tree.ts";
import { applyChmod } from "../plan/chmod.ts";
import { type Changes, DirChange, FileChange, type Origin } from "./changes.ts";
import { CopyError } from "./copy-error.ts";
import { type CopyFilters, type Visitor, walkSelected } from "./filters.ts";
import { resolveHardLink } from "./hard-link.ts";
import { childPath, requireShort } from "./root-path.ts";

/** What it costs to copy an entry, and what each layer of the tree below adds. */
const ENTRY = 1024;
const LAYER = 256;

/** A directory of the destination that the copying is in. */
interface Place {
  readonly source: Node;
  readonly above: Place | undefined;
  readonly name: string;
  readonly path: string;
  /** The directory is wanted for itself, not only for what is in it. */
  readonly included: boolean;
  /** Not there yet when nothing in it was included so far. */
  directory: DirChange | undefined;
}

/** Copies one named entry with all that is below it: `cp -a` with BuildKit's exceptions. */
export class Copier implements Visitor {
  readonly effort: number;
  readonly #changes: Changes;
  readonly #tree: Tree;
  readonly #origin: Origin;
  readonly #filters: CopyFilters;
  #place: Place | undefined;
  /** Paths of the directory whose contents are copied. */
  #top: { from: string; to: string } | undefined;
  /** Source path of a file to what it became, once a hard link to it was met. */
  readonly #linked = new Map<string, FileChange>();

  constructor(changes: Changes, tree: Tree, origin: Origin, filters: CopyFilters) {
    this.effort = ENTRY + LAYER * (changes.base.layerCount ?? 1);
    this.#changes = changes;
    this.#tree = tree;
    this.#origin = origin;
    this.#filters = filters;
  }

  /** Copies a file to `name` in the directory at `path`. */
  copyFile(source: Node, directory: DirChange, path: string, name: string): void {
    this.#put(source, directory, path, name);
  }

  /**
   * Copies what is in a directory to an existing one, which gets the time stamp of the source. `made`: it was made
   * just for this, and gets mode and owner of the source too.
   */
  *copyContents(
    source: Node,
    directory: DirChange,
    path: string,
    made: boolean,
  ): Generator<number, void, undefined> {
    this.#top = { from: source.path, to: path };
    this.#place = { source, above: undefined, name: "", path, included: true, directory };
    yield* walkSelected(this.#tree, source.path, this.#filters, this);
    if (made) this.#copyMeta(source, directory);
    this.#copyTime(source, directory);
  }

  enter(source: Node, name: string, included: boolean): void {
    const above = this.#place as Place;
    const path = childPath(above.path, name);
    requireShort(path, "mkdir");
    this.#place = { source, above, name, path, included, directory: undefined };
    if (included) this.#open(this.#place);
  }

  leave(): void {
    const place = this.#place as Place;
    // Only now, for what was put into it changed its time stamp.
    if (place.included) this.#copyMeta(place.source, place.directory as DirChange);
    this.#place = place.above;
  }

  file(source: Node, name: string): void {
    const place = this.#place as Place;
    this.#put(source, this.#directoryOf(place), place.path, name);
  }

  /** The directory of a place, made when this is the first thing that needs it. */
  #directoryOf(place: Place): DirChange {
    if (place.directory !== undefined) return place.directory;
    const { directory, made } = this.#open(place);
    if (made) this.#copyMeta(place.source, directory);
    else directory.mode = place.source.mode;
    return directory;
  }

  #open(place: Place): { directory: DirChange; made: boolean } {
    const above = place.above as Place;
    const parent = this.#directoryOf(above);
    let directory = this.#changes.openChild(parent, above.path, place.name);
    const made = directory === undefined;
    if (directory === undefined) {
      if (this.#changes.get(parent, above.path, place.name) !== undefined) throw notADirectory(place.path);
      const { mode } = place.source;
      directory = this.#changes.makeDirectory(parent, place.name, { mode, uid: 0, gid: 0, mtime: undefined });
    }
    place.directory = directory;
    return { directory, made };
  }

  #copyMeta(source: Node, directory: DirChange): void {
    const { owner, chmod } = this.#origin;
    directory.uid = owner?.uid ?? source.uid;
    directory.gid = owner?.gid ?? source.gid;
    directory.mode = chmod === undefined ? source.mode : applyChmod(chmod, source.mode, true);
    this.#copyTime(source, directory);
    if (source.xattrs !== undefined) directory.xattrs = { ...directory.xattrs, ...source.xattrs };
  }

  /** The root of a context or image has no time stamp of its own. */
  #copyTime(source: Node, directory: DirChange): void {
    directory.mtime = this.#origin.madeNow || source.path === "" ? undefined : source.mtime;
    directory.hasFreeTime = this.#origin.hasFreeTimes ?? false;
  }

  #put(source: Node, directory: DirChange, path: string, name: string): void {
    requireShort(childPath(path, name), "open");
    const existing = this.#changes.get(directory, path, name);
    if (existing instanceof DirChange || (existing !== undefined && isDirectory(existing))) {
      const target = `/${childPath(path, name)}`;
      throw new CopyError("write", target, `cannot replace to directory ${target} with file`);
    }
    this.#changes.put(directory, name, this.#changeOf(source));
  }

  /** A new file, or the one that another name of the same file became. */
  #changeOf(source: Node): FileChange {
    if (source.type !== "hardlink") {
      const other = this.#linked.size > 0 ? this.#linked.get(source.path) : undefined;
      if (other === undefined) return new FileChange(source, this.#origin);
      other.linked = true;
      return other;
    }
    const target = resolveHardLink(this.#tree, source);
    if (target.type === "hardlink" || target.type === "dir") {
      const message = `hard link /${source.path} leads to no file: /${target.linkname ?? target.path}`;
      throw new CopyError("write", `/${source.path}`, message);
    }
    const known = this.#linked.get(target.path) ?? this.#copyOf(target);
    if (known !== undefined) known.linked = true;
    const change = known ?? new FileChange(target, this.#origin);
    this.#linked.set(target.path, change);
    return change;
  }

  /** What a file that the walk has passed was copied as. */
  #copyOf(target: Node): FileChange | undefined {
    if (this.#top === undefined) return undefined;
    const { from, to } = this.#top;
    const prefix = from === "" ? "" : `${from}/`;
    if (!target.path.startsWith(prefix)) return undefined;
    const found = this.#changes.fileAt(childPath(to, target.path.slice(prefix.length)));
    return found?.node.path === target.path && found.origin === this.#origin ? found : undefined;
  }
}

function isDirectory(found: FileChange | Node): boolean {
  return !(found instanceof FileChange) && found.type === "dir";
}

/** The error of a directory that is to be copied onto something else. */
export function notADirectory(path: string): CopyError {
  return new CopyError("write", `/${path}`, `cannot copy to non-directory: /${path}`);
}
