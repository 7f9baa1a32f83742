import type { Node, Tree } from "../../rootfs/tree.ts";
import type { Archive, CopySource } from "../copy/copy-request.ts";
import { heredocSource } from "../copy/heredoc.ts";
import { BuildError } from "../errors.ts";
import type { FileState, GitSource, HttpSource, TransferSource } from "../plan/step.ts";

/** Fetched files. */
export interface RemoteFiles {
  tree: Tree;
  /** Digest of the context under which the tree is stored. */
  context: string;
  /** The path in the tree to copy; absolute. */
  path: string;
  /** Whether the source states no times for its files. */
  madeNow: boolean;
}

/** Fetches the remote sources of ADD. */
export interface Remotes {
  /** Identity of a source's current contents; fetches only what is necessary. */
  key(source: HttpSource | GitSource): Promise<string>;
  /** Digest of a download, or commit of a repository as `sha1:<hex>`. */
  digest(source: HttpSource | GitSource): Promise<string>;
  open(source: HttpSource | GitSource): Promise<RemoteFiles>;
  /** The members of an archive; undefined for any other file. */
  unpack(file: Node): Promise<Archive | undefined>;
  /** Whether `unpack` would unpack a file. */
  isArchive(file: Node): Promise<boolean>;
}

/**
 * Identity of a remote source, for a cache key.
 * @throws {BuildError}
 */
export async function remoteKey(remotes: Remotes, source: HttpSource | GitSource): Promise<string> {
  try {
    return await remotes.key(source);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const { code, message, hint } = error;
    const known = { cause: error, ...(hint !== undefined && { hint }) };
    throw new BuildError(code, `failed to load cache key: ${message}`, known);
  }
}

/** Opens the sources of COPY and ADD. */
export class Sources {
  readonly #remotes: Remotes;
  readonly #treeOf: (state: FileState) => Promise<Tree>;

  constructor(remotes: Remotes, treeOf: (state: FileState) => Promise<Tree>) {
    this.#remotes = remotes;
    this.#treeOf = treeOf;
  }

  async open(source: TransferSource): Promise<CopySource> {
    const unpack = "unpack" in source && source.unpack && ((file: Node) => this.#remotes.unpack(file));
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
          ...(unpack && { unpack }),
        };
      case "http":
      case "git": {
        const { tree, path, madeNow } = await this.#remotes.open(source);
        const ref = source.kind;
        return { tree, path, madeNow, ref, literal: true, keepOwner: true, ...(unpack && { unpack }) };
      }
    }
  }
}

/** Name of a tree in error messages. */
export function refOf(state: FileState): string {
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
