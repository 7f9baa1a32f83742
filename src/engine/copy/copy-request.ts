import type { Node, Tree } from "../../rootfs/tree.ts";
import type { Chmod } from "../plan/chmod.ts";
import type { Owner } from "../plan/owner.ts";
import type { MtimeRule } from "./changes.ts";

/** An archive that ADD unpacks: its members in the order they have in it, hard links to members by their paths. */
export interface Archive {
  readonly entries: Iterable<Node>;
  read(node: Node): AsyncIterable<Uint8Array>;
}

/** One source of COPY or ADD. */
export interface CopySource {
  readonly tree: Tree;
  /** What the tree is called in messages: BuildKit tells its reference there. */
  readonly ref: string;
  /** Absolute and clean. Go wildcards, unless `literal`. */
  readonly path: string;
  /**
   * `--parents`: pattern below `path`, in the syntax of `.dockerignore`, of what is copied; each entry keeps the path
   * it has there.
   */
  readonly parents?: string;
  /**
   * `path` is a name as it stands: no wildcards, no link is followed, and a directory without a destination arrives
   * as itself. For downloads, repositories and here-documents.
   */
  readonly literal?: boolean;
  /** Entries keep their owner, as those of images do; those of a context belong to root. */
  readonly keepOwner: boolean;
  /** The time of the build instead of those of the entries. */
  readonly madeNow?: boolean;
  /** ADD: the archive that a file is, undefined when it is none. Asked for regular files that are named directly. */
  readonly unpack?: (file: Node) => Promise<Archive | undefined>;
}

/** What one COPY or ADD has to do, expanded and resolved. */
export interface CopyRequest {
  readonly sources: readonly CopySource[];
  /** Absolute; may have a trailing `/` or `/.`. */
  readonly dest: string;
  /** `dest` was written with a trailing `/` or `/.`, so that files go into it. */
  readonly destIsDirectory: boolean;
  readonly owner?: Owner;
  readonly chmod?: Chmod;
  /** `--link`: onto an empty tree, whose layer then covers the base. Has no effect together with `chmod`. */
  readonly link: boolean;
  /** `--exclude`: patterns relative to each source directory. */
  readonly excludes: readonly string[];
  /** The stage has no layer yet (`FROM scratch`), so that no name can be looked up. */
  readonly noLayers?: boolean;
  readonly mtimeOf: MtimeRule;
}

/** Something that BuildKit does in silence and that is rarely meant. */
export interface CopyWarning {
  readonly code: "unknown-user" | "unknown-group";
  readonly name: string;
  readonly message: string;
}
