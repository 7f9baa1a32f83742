import { childPath } from "../../../rootfs/path-parts.ts";
import { corruptGitError, GitError } from "./git-error.ts";
import type { ObjectFormat } from "./object-format.ts";
import type { GitObject } from "./object-receiver.ts";
import { type Commit, readCommit, readTag, readTree } from "./objects.ts";

/** Maximum length of a chain of tags that refer to other tags. */
const MAX_TAGS = 16;
/** Maximum nesting of directories. */
const MAX_DEPTH = 256;
/** Maximum length of a path in bytes, as on Linux. */
const MAX_PATH = 4096;
/** Limit of the characters of all paths together. */
const MAX_PATH_CHARACTERS = 32 << 20;
/** Cost of finding an entry, in units of `spend`; counted by the caller that walks. */
export const ENTRY_COST = 1024;

/** An entry of a checkout and its object. */
export interface CheckoutEntry {
  /** Relative to the root of the checkout. */
  path: string;
  /** The last part of the path. */
  name: string;
  kind: "file" | "executable" | "symlink" | "dir" | "module";
  id: string;
}

/** Reads the tree of a checkout from received objects. */
export class Checkout {
  readonly #objects: ReadonlyMap<string, GitObject>;
  readonly #format: ObjectFormat;

  constructor(objects: ReadonlyMap<string, GitObject>, format: ObjectFormat) {
    this.#objects = objects;
    this.#format = format;
  }

  /** Resolves an id to a commit, following annotated tags. @throws {GitError} */
  commit(id: string): Commit & { id: string } {
    const commit = this.chain(id).at(-1) as string;
    return { id: commit, ...readCommit(this.#metadata(commit).bytes, commit) };
  }

  /** The ids from an annotated tag to its commit, both included. @throws {GitError} */
  chain(id: string): string[] {
    const ids = [id];
    for (let at = id; ids.length <= MAX_TAGS; ids.push(at)) {
      const { type, bytes } = this.#metadata(at);
      if (type === "commit") return ids;
      if (type !== "tag") throw new GitError("git-reference-unknown", `${id} is a ${type} and not a commit`);
      at = readTag(bytes, at).object;
    }
    throw corruptGitError(`tag ${id}`, "its chain of tags is too long");
  }

  entry(tree: string, name: string): CheckoutEntry | undefined {
    for (const entry of this.#tree(tree)) {
      if (entry.name === name) return { ...entry, path: name };
    }
    return undefined;
  }

  /**
   * Resolves `path` below a tree: to a tree, or to the submodule on the way and the rest of the path. Does not follow
   * links.
   * @throws {GitError} when there is none
   */
  directory(tree: string, path: string): { id: string } | { module: CheckoutEntry; rest: string } {
    let id = tree;
    const names = path.split("/").filter((name) => name !== "");
    for (const [index, name] of names.entries()) {
      const here = names.slice(0, index + 1).join("/");
      const entry = this.entry(id, name);
      if (entry === undefined) {
        throw new GitError(
          "git-subdir",
          `invalid subdir ${path}: there is no ${JSON.stringify(here)} in the commit`,
        );
      }
      if (entry.kind === "module") {
        return { module: { ...entry, path: here }, rest: names.slice(index + 1).join("/") };
      }
      if (entry.kind !== "dir") {
        throw new GitError(
          "git-subdir",
          `invalid subdir ${path}: ${JSON.stringify(here)} is not a directory`,
        );
      }
      id = entry.id;
    }
    return { id };
  }

  /** The existing directories above `path` with their trees, the root first. */
  *above(tree: string, path: string): Generator<{ path: string; id: string }, void, undefined> {
    let id = tree;
    let above = "";
    for (const name of path.split("/").filter((part) => part !== "")) {
      yield { path: above, id };
      const entry = this.entry(id, name);
      if (entry?.kind !== "dir") return;
      above = childPath(above, name);
      id = entry.id;
    }
  }

  /** All entries below a tree, parents first. @throws {GitError} for more than `limit` entries */
  *walk(tree: string, limit: number): Generator<CheckoutEntry, void, undefined> {
    const open = [{ id: tree, path: "", depth: 0 }];
    let count = 0;
    let characters = 0;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.depth > MAX_DEPTH) {
        throw new GitError(
          "git-too-large",
          `Cannot check out ${next.path}: it is nested more than ${MAX_DEPTH} directories deep`,
        );
      }
      for (const { name, kind, id } of this.#tree(next.id)) {
        const path = next.path === "" ? name : `${next.path}/${name}`;
        if (path.length > MAX_PATH) {
          throw new GitError(
            "git-too-large",
            `Cannot check out ${path.slice(0, 100)}…: its path is too long`,
          );
        }
        characters += path.length;
        if (++count > limit) {
          throw new GitError("git-too-large", `Cannot check out ${path}: there are more than ${limit} files`);
        }
        if (characters > MAX_PATH_CHARACTERS) {
          throw new GitError("git-too-large", `Cannot check out ${path}: all paths together are too long`);
        }
        yield { path, name, kind, id };
        if (kind === "dir") open.push({ id, path, depth: next.depth + 1 });
      }
    }
  }

  /** The file with this id. @throws {GitError} when the server did not send it */
  blob({ id, path }: CheckoutEntry): { digest: string; size: number; bytes?: Uint8Array } {
    const object = this.#objects.get(id);
    if (object?.digest === undefined) throw missingError(id, path);
    return { digest: object.digest, size: object.size, ...(object.bytes && { bytes: object.bytes }) };
  }

  #tree(id: string) {
    const { type, bytes } = this.#metadata(id);
    if (type !== "tree") throw corruptGitError(`tree ${id}`, `it is a ${type}`);
    return readTree(bytes, id, this.#format);
  }

  #metadata(id: string): { type: GitObject["type"]; bytes: Uint8Array } {
    const object = this.#objects.get(id);
    if (object === undefined) throw missingError(id);
    return { type: object.type, bytes: object.bytes ?? new Uint8Array(0) };
  }
}

function missingError(id: string, path?: string): GitError {
  const where = path === undefined ? "" : ` of ${JSON.stringify(path)}`;
  return corruptGitError(`object ${id}${where}`, "the server did not send it");
}
