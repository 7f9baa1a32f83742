import { childPath } from "../../rootfs/path-parts.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { applyChmod } from "./apply-chmod.ts";
import { type Changes, CopyChange, type CopyOrigin, DirChange } from "./changes.ts";
import { CopyError } from "./copy-error.ts";
import { type CopyFilters, type Visitor, walkSelected } from "./filters.ts";
import { resolveHardLink } from "./hard-link.ts";
import { requireValidPath } from "./root-path.ts";

/** Cost of copying an entry, and the additional cost per layer of the tree below. */
const ENTRY = 1024;
const LAYER = 256;

/** A destination directory that is being filled. */
interface Destination {
  readonly source: Node;
  readonly above: Destination | undefined;
  readonly name: string;
  readonly path: string;
  /** The directory itself is selected, not only entries in it. */
  readonly included: boolean;
  /** Undefined until something in it is selected. */
  directory: DirChange | undefined;
}

/** Copies a named entry with everything below it, like `cp -a` with BuildKit's exceptions. */
export class Copier implements Visitor {
  readonly effort: number;
  readonly #changes: Changes;
  readonly #tree: Tree;
  readonly #origin: CopyOrigin;
  readonly #filters: CopyFilters;
  #place: Destination | undefined;
  /** Source and destination of the directory whose contents are copied. */
  #top: { from: string; to: string } | undefined;
  /** Source path of a hard-linked file → the change it became. */
  readonly #linked = new Map<string, CopyChange>();

  constructor(changes: Changes, tree: Tree, origin: CopyOrigin, filters: CopyFilters) {
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
   * Copies the contents of a directory to an existing one and sets its timestamp to that of the source. With `made`,
   * the destination was just created and also receives mode and owner of the source.
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
    const above = this.#place as Destination;
    const path = childPath(above.path, name);
    requireValidPath(path, "mkdir");
    this.#place = { source, above, name, path, included, directory: undefined };
    if (included) this.#open(this.#place);
  }

  leave(): void {
    const place = this.#place as Destination;
    // Last, because each entry written into a directory changes its timestamp.
    if (place.included) this.#copyMeta(place.source, place.directory as DirChange);
    this.#place = place.above;
  }

  file(source: Node, name: string): void {
    const place = this.#place as Destination;
    this.#put(source, this.#directoryOf(place), place.path, name);
  }

  /** The directory of a place, created on first use. */
  #directoryOf(place: Destination): DirChange {
    if (place.directory !== undefined) return place.directory;
    const { directory, made } = this.#open(place);
    if (made) this.#copyMeta(place.source, directory);
    else directory.mode = place.source.mode;
    return directory;
  }

  #open(place: Destination): { directory: DirChange; made: boolean } {
    const above = place.above as Destination;
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

  /** The root of a context or image has no timestamp. */
  #copyTime(source: Node, directory: DirChange): void {
    directory.mtime = this.#origin.madeNow || source.path === "" ? undefined : source.mtime;
    directory.hasFreeTime = this.#origin.hasFreeTimes ?? false;
  }

  #put(source: Node, directory: DirChange, path: string, name: string): void {
    requireValidPath(childPath(path, name), "open");
    const existing = this.#changes.get(directory, path, name);
    if (existing instanceof DirChange || (existing !== undefined && isDirectory(existing))) {
      const target = `/${childPath(path, name)}`;
      throw new CopyError("write", target, `cannot replace to directory ${target} with file`);
    }
    this.#changes.put(directory, name, this.#changeOf(source));
  }

  /** A new file, or the existing change for another name of the same file. */
  #changeOf(source: Node): CopyChange {
    if (source.type !== "hardlink") {
      const other = this.#linked.size > 0 ? this.#linked.get(source.path) : undefined;
      if (other === undefined) return new CopyChange(source, this.#origin);
      this.#changes.markLinked(other);
      return other;
    }
    const target = resolveHardLink(this.#tree, source);
    if (target.type === "hardlink" || target.type === "dir") {
      const message = `hard link /${source.path} leads to no file: /${target.linkname ?? target.path}`;
      throw new CopyError("write", `/${source.path}`, message);
    }
    const known = this.#linked.get(target.path) ?? this.#copyOf(target);
    if (known !== undefined) this.#changes.markLinked(known);
    const change = known ?? new CopyChange(target, this.#origin);
    this.#linked.set(target.path, change);
    return change;
  }

  /** The change that an already visited file became. */
  #copyOf(target: Node): CopyChange | undefined {
    if (this.#top === undefined) return undefined;
    const { from, to } = this.#top;
    const prefix = from === "" ? "" : `${from}/`;
    if (!target.path.startsWith(prefix)) return undefined;
    const found = this.#changes.fileAt(childPath(to, target.path.slice(prefix.length)));
    return found?.node.path === target.path && found.origin === this.#origin ? found : undefined;
  }
}

function isDirectory(found: CopyChange | Node): boolean {
  return !(found instanceof CopyChange) && found.type === "dir";
}

/** The error for copying a directory onto something else. */
export function notADirectory(path: string): CopyError {
  return new CopyError("write", `/${path}`, `cannot copy to non-directory: /${path}`);
}
