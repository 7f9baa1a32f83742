import type { Node, Tree } from "../rootfs/tree.ts";
import type { Archive, CopySource } from "./copy/copy-request.ts";
import { heredocSource } from "./copy/heredoc.ts";
import type { FileState, GitSource, HttpSource, TransferSource } from "./plan/step.ts";

/** What is fetched for ADD. */
export interface Remotes {
  /** Identity of what the source holds now; fetches no more than it must to know. */
  key(source: HttpSource | GitSource): Promise<string>;
  /** Its files, the path of that tree which is copied, and whether they have no times of their own. */
  open(source: HttpSource | GitSource): Promise<{ tree: Tree; path: string; madeNow: boolean }>;
  /** The members of an archive; undefined when the file is none. */
  unpack(file: Node): Promise<Archive | undefined>;
}

/** Opens the sources of COPY and ADD: a tree and what of it is copied. */
export class Sources {
  readonly #remotes: Remotes;
  readonly #treeOf: (state: FileState) => Promise<Tree>;

  constructor(remotes: Remotes, treeOf: (state: FileState) => Promise<Tree>) {
    this.#remotes = remotes;
    this.#treeOf = treeOf;
  }

  /** Identity of a source that is not among the files of the build. */
  remoteKey(source: HttpSource | GitSource): Promise<string> {
    return this.#remotes.key(source);
  }

  /** A tree and what of it is copied. */
  async open(source: TransferSource): Promise<CopySource> {
    switch (source.kind) {
      case "inline":
        return heredocSource(source.name, source.content);
      case "files":
        return {
          tree: await this.#treeOf(source.from),
          path: source.path,
          keepOwner: source.from.kind !== "context",
          ...(source.parents !== undefined && { parents: source.parents }),
          ...(source.unpack && { unpack: (file: Node) => this.#remotes.unpack(file) }),
        };
      case "http":
      case "git":
        return {
          ...(await this.#remotes.open(source)),
          literal: true,
          keepOwner: true,
          ...(source.kind === "http" &&
            source.unpack && { unpack: (file: Node) => this.#remotes.unpack(file) }),
        };
    }
  }
}
