import type { Node, Tree } from "../../rootfs/tree.ts";
import type { TransferDefinition } from "../plan/step.ts";
import type { MtimeRule } from "./changes.ts";

/** An archive that ADD unpacks: its members in archive order. Hard links name other members by path. */
export interface Archive {
  readonly entries: Iterable<Node>;
  read(node: Node): AsyncIterable<Uint8Array>;
}

/** One source of COPY or ADD. */
export interface CopySource {
  readonly tree: Tree;
  /** The name of the tree in messages, where BuildKit prints its reference. */
  readonly ref: string;
  /** Absolute and clean. May contain Go wildcards, unless `literal`. */
  readonly path: string;
  /**
   * `--parents`: a pattern below `path`, in the syntax of `.dockerignore`, that selects what is copied. Each entry
   * keeps its path.
   */
  readonly parents?: string;
  /**
   * `path` is a literal name: no wildcards, no links are followed, and a directory without a destination is copied
   * itself rather than its contents. For downloads, repositories and here-documents.
   */
  readonly literal?: boolean;
  /** Whether entries keep their owner, as for images. Files of a context belong to root. */
  readonly keepOwner: boolean;
  /** Use the time of the build instead of the times of the entries. */
  readonly madeNow?: boolean;
  /** ADD: opens a file as an archive; undefined when it is none. Called for regular files that are named directly. */
  readonly unpack?: (file: Node) => Promise<Archive | undefined>;
}

/** One COPY or ADD, expanded and resolved. */
export interface CopyRequest
  extends Pick<TransferDefinition, "dest" | "destIsDirectory" | "owner" | "chmod" | "excludes"> {
  readonly sources: readonly CopySource[];
  /** `--link`: copy onto an empty tree; the layer then covers the base. No effect together with `chmod`. */
  readonly link: boolean;
  /** The stage has no layer yet (`FROM scratch`), so user names cannot be resolved. */
  readonly noLayers?: boolean;
  readonly mtimeOf: MtimeRule;
}

/** A silent BuildKit behaviour that is rarely intended. */
export interface CopyWarning {
  readonly code: "unknown-user" | "unknown-group";
  readonly name: string;
  readonly message: string;
}
