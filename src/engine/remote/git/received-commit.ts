import type { Node } from "../../../rootfs/tree.ts";
import { collect } from "../../../streams/collect.ts";
import { spend } from "../../../streams/turns.ts";
import { decodeName } from "../../../tar/text.ts";
import type { PackFiles, StoredFile } from "../pack-files.ts";
import type { RemoteAccess } from "../remote-access.ts";
import { Attributes, type Conversion } from "./attributes.ts";
import { Checkout, type CheckoutEntry, ENTRY_COST } from "./checkout.ts";
import { GitError } from "./git-error.ts";
import { withIdent } from "./ident.ts";
import type { GitLimits } from "./limits.ts";
import { isTextWithLf, withCrLf } from "./line-ends.ts";
import { type GitObject, ObjectReceiver } from "./object-receiver.ts";
import type { Commit } from "./objects.ts";
import { readPack } from "./pack.ts";
import { Repository } from "./repository.ts";

/**
 * Maximum size in bytes of a `.gitmodules` or `.gitattributes` file, of all `.gitattributes`, and of a symbolic link's
 * target.
 */
const MAX_SETTINGS = 1 << 20;
const MAX_ATTRIBUTES = 8 << 20;
const MAX_LINK = 4096;
const ATTRIBUTES = ".gitattributes";

const decoder = new TextDecoder();

/** The dependencies for fetching a commit. */
export interface Fetching {
  access: RemoteAccess;
  files: PackFiles;
  limits: GitLimits;
}

/** A fetched commit with all its directories; converts its files to tree nodes. */
export class ReceivedCommit {
  readonly repository: Repository;
  readonly objects: Map<string, GitObject>;
  readonly checkout: Checkout;
  readonly commit: Commit & { id: string };
  readonly #fetching: Fetching;
  readonly #withoutFiles: boolean;
  /** Converted files, by conversion and blob id. */
  readonly #changed = new Map<string, StoredFile>();
  #attributes = new Attributes();

  private constructor(
    repository: Repository,
    objects: Map<string, GitObject>,
    want: string,
    fetching: Fetching,
    withoutFiles: boolean,
  ) {
    this.repository = repository;
    this.objects = objects;
    this.checkout = new Checkout(objects, repository.format);
    this.commit = this.checkout.commit(want);
    this.#fetching = fetching;
    this.#withoutFiles = withoutFiles;
  }

  /** Fetches a commit, without files when only some are needed and the server supports filters. */
  static async fetch(
    remote: string,
    want: string,
    onlySome: boolean,
    fetching: Fetching,
  ): Promise<ReceivedCommit> {
    const repository = await Repository.open(remote, fetching.access);
    const objects = new Map<string, GitObject>();
    const withoutFiles = onlySome && repository.canFilter;
    await receivePack(repository, objects, [want], fetching, withoutFiles);
    return new ReceivedCommit(repository, objects, want, fetching, withoutFiles);
  }

  /** Prepares the files of a directory: fetches missing ones and reads the attributes that apply. */
  async prepare(directory: string, tree: string): Promise<void> {
    const attributes: CheckoutEntry[] = [];
    const files: CheckoutEntry[] = [];
    for (const { path, id } of this.checkout.above(this.commit.tree, directory)) {
      const entry = this.checkout.entry(id, ATTRIBUTES);
      if (entry !== undefined) attributes.push({ ...entry, path: joinPaths(path, ATTRIBUTES) });
    }
    for (const entry of this.checkout.walk(tree, this.#fetching.limits.entries)) {
      const turn = spend(ENTRY_COST);
      if (turn !== undefined) await turn;
      if (entry.kind === "dir" || entry.kind === "module") continue;
      if (this.#withoutFiles) files.push(entry);
      if (entry.name === ATTRIBUTES) attributes.push({ ...entry, path: joinPaths(directory, entry.path) });
    }
    await this.#receive([...attributes, ...files]);
    let bytes = 0;
    // Parent directories first.
    for (const entry of attributes) {
      if (entry.kind === "symlink") continue;
      const text = await this.settings(entry);
      bytes += text.length;
      if (bytes > MAX_ATTRIBUTES) {
        throw new GitError(
          "git-too-large",
          `Cannot read ${entry.path}: its .gitattributes files are too large`,
        );
      }
      await this.#attributes.add(entry.path.slice(0, -ATTRIBUTES.length - 1), text);
    }
  }

  /** Reads a small settings file of git. */
  async settings(entry: CheckoutEntry): Promise<string> {
    await this.#receive([entry]);
    const file = this.checkout.blob(entry);
    if (file.size > MAX_SETTINGS) {
      throw new GitError(
        "git-too-large",
        `Cannot read ${entry.path}: it has more than ${MAX_SETTINGS} bytes`,
      );
    }
    return decoder.decode(await this.#contents(file));
  }

  /** The tree node for an entry at `path` in the checkout; `entry.path` is its path in the repository. */
  async node(entry: CheckoutEntry, path: string): Promise<Node> {
    const node = { path, uid: 0, gid: 0, mtime: this.commit.time };
    switch (entry.kind) {
      case "dir":
      case "module":
        return { ...node, type: "dir", mode: 0o755, size: 0 };
      case "symlink":
        return { ...node, type: "symlink", mode: 0o777, size: 0, linkname: await this.#target(entry) };
      default: {
        const mode = entry.kind === "executable" ? 0o755 : 0o644;
        const { digest, size } = await this.#file(entry);
        return { ...node, type: "file", mode, size, digest };
      }
    }
  }

  async #file(entry: CheckoutEntry): Promise<StoredFile> {
    const file = this.checkout.blob(entry);
    const conversion = await this.#attributes.conversionOf(entry.path);
    if (conversion.lineEnds === undefined && !conversion.hasIdent) return file;
    const key = `${conversion.lineEnds} ${conversion.hasIdent} ${entry.id}`;
    const changed = this.#changed.get(key) ?? (await this.#convert(file, entry, conversion));
    this.#changed.set(key, changed);
    return changed;
  }

  /** Converts like git: first the ident, then line ends. */
  async #convert(
    file: StoredFile,
    { id, path }: CheckoutEntry,
    { lineEnds, hasIdent }: Conversion,
  ): Promise<StoredFile> {
    const { files } = this.#fetching;
    const read = () => (hasIdent ? withIdent(files.read(file), id, path) : files.read(file));
    const hasCrLf = lineEnds === "crlf" || (lineEnds === "crlf-if-text" && (await isTextWithLf(read())));
    if (hasCrLf) return files.add(withCrLf(read()));
    return hasIdent ? files.add(read()) : file;
  }

  async #target(entry: CheckoutEntry): Promise<string> {
    const file = this.checkout.blob(entry);
    if (file.size === 0 || file.size > MAX_LINK) {
      throw new GitError(
        "git-corrupt",
        `Cannot check out ${entry.path}: the target of a symbolic link cannot have ${file.size} bytes`,
      );
    }
    const target = decodeName(await this.#contents(file));
    if (target.includes("\0")) {
      throw new GitError(
        "git-corrupt",
        `Cannot check out ${entry.path}: the target of the symbolic link has a NUL`,
      );
    }
    return target;
  }

  async #contents(file: StoredFile & { bytes?: Uint8Array }): Promise<Uint8Array> {
    return file.bytes ?? (await collect(this.#fetching.files.read(file), file.size));
  }

  /** Fetches the files that were filtered out. */
  async #receive(entries: readonly CheckoutEntry[]): Promise<void> {
    if (!this.#withoutFiles) return;
    const wants = new Set(entries.map(({ id }) => id).filter((id) => !this.objects.has(id)));
    if (wants.size > 0) await receivePack(this.repository, this.objects, [...wants], this.#fetching, false);
  }
}

async function receivePack(
  repository: Repository,
  objects: Map<string, GitObject>,
  wants: readonly string[],
  { files, limits }: Fetching,
  withoutFiles: boolean,
): Promise<void> {
  const { format } = repository;
  const receiver = new ObjectReceiver(objects, format, files, limits);
  for await (const entry of readPack(repository.pack(wants, { withoutFiles }), format, limits)) {
    await receiver.add(entry);
  }
  receiver.finish();
}

/** Joins a directory and a path, either of which may be empty. */
export function joinPaths(directory: string, path: string): string {
  return directory === "" || path === "" ? directory + path : `${directory}/${path}`;
}
