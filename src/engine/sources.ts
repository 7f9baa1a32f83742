import type { Node, Tree } from "../rootfs/tree.ts";
import type { Archive, CopySource } from "./copy/copy-request.ts";
import { heredocSource } from "./copy/heredoc.ts";
import { BuildError } from "./errors.ts";
import type { FileState, GitSource, HttpSource, TransferSource } from "./plan/step.ts";

/** What is fetched for ADD. */
export interface Remotes {
  /** Identity of what the source holds now; fetches no more than it must to know. */
  key(source: HttpSource | GitSource): Promise<string>;
  /** Digest of a download; of a repository the commit, as `sha1:<hex>`. */
  digest(source: HttpSource | GitSource): Promise<string>;
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

  /**
   * Identity of a source that is not among the files of the build.
   * @throws BuildError
   */
  async remoteKey(source: HttpSource | GitSource): Promise<string> {
    try {
      return await this.#remotes.key(source);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const { code, message, hint } = error;
      const known = { cause: error, ...(hint !== undefined && { hint }) };
      throw new BuildError(code, `failed to load cache key: ${message}`, known);
    }
  }

  /** A tree and what of it is copied. */
  async open(source: TransferSource): Promise<CopySource> {
    switch (source.kind) {
      case "inline":
        return heredocSource(source.name, source.content);
      case "files":
        return {
          tree: await this.#treeOf(source.from),
          ref: refOf(source.from),
          path: source.path,
          keepOwner: source.from.kind !== "context",
          ...(source.parents !== undefined && { parents: source.parents }),
          ...(source.unpack && { unpack: (file: Node) => this.#remotes.unpack(file) }),
        };
      case "http":
      case "git":
        return {
          ...(await this.#remotes.open(source)),
          ref: source.kind,
          literal: true,
          keepOwner: true,
          ...(source.kind === "http" &&
            source.unpack && { unpack: (file: Node) => this.#remotes.unpack(file) }),
        };
    }
  }
}

function refOf(state: FileState): string {
  switch (state.kind) {
    case "scratch":
      return "scratch";
    case "context":
      return state.name ?? "context";
    case "image":
      return `image-${state.image}`;
    case "step":
      return `step-${state.step}`;
  }
}
