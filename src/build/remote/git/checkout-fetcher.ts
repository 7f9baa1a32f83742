import type { Node } from "../../../rootfs/tree.ts";
import { collect } from "../../../streams/collect.ts";
import { decodeName } from "../../../tar/text.ts";
import type { FileStore } from "../file-store.ts";
import { type RemoteAccess, withoutCredentials } from "../reach.ts";
import { Checkout, type CheckoutEntry } from "./checkout.ts";
import { type GitDirRequest, gitDirNodes } from "./git-dir.ts";
import { GitError } from "./git-error.ts";
import type { GitLimits } from "./limits.ts";
import { moduleUrl, readModulesFile } from "./modules-file.ts";
import { type GitObject, ObjectReceiver } from "./object-receiver.ts";
import type { Commit } from "./objects.ts";
import { readPack } from "./pack.ts";
import { httpRemote } from "./remote.ts";
import { Repository } from "./repository.ts";

/** Bytes of a `.gitmodules` file and of the target of a symbolic link. */
const LONGEST_MODULES_FILE = 1 << 20;
const LONGEST_LINK = 4096;

/** A commit to check out. */
export interface CheckoutRequest {
  remote: string;
  /** The commit, or an annotated tag of it. */
  want: string;
  /** Clean and relative; the whole repository when empty. */
  subdir: string;
  submodules: boolean;
  /** What the files of git itself shall say, when they are wanted. */
  gitDir?: GitDirRequest | undefined;
}

/** Where a checkout lies within another: the path of its root, and how many are around it. */
interface Place {
  path: string;
  depth: number;
}

/** What came of a commit. */
interface Received {
  request: CheckoutRequest;
  repository: Repository;
  objects: Map<string, GitObject>;
  checkout: Checkout;
  commit: Commit & { id: string };
  /** Only directories came: files must be asked for. */
  withoutFiles: boolean;
}

/** A module of a repository, and the path of its root in the whole checkout. */
interface ModuleEntry extends CheckoutEntry {
  at: string;
}

const decoder = new TextDecoder();

/** Fetches a commit, and those of the modules in it, and tells the entries of the checkout. Throws `GitError`. */
export class CheckoutFetcher {
  readonly #access: RemoteAccess;
  readonly #files: FileStore;
  readonly #limits: GitLimits;
  #repositories = 0;
  #entries = 0;

  constructor(access: RemoteAccess, files: FileStore, limits: GitLimits) {
    this.#access = access;
    this.#files = files;
    this.#limits = limits;
  }

  entries(request: CheckoutRequest): AsyncGenerator<Node, void, undefined> {
    return this.#checkout(request, { path: "", depth: 0 });
  }

  async *#checkout(request: CheckoutRequest, place: Place): AsyncGenerator<Node, void, undefined> {
    const received = await this.#receive(request);
    const { checkout, commit } = received;
    const found = checkout.directory(commit.tree, request.subdir);
    if ("module" in found) {
      const { module, rest } = found;
      if (!request.submodules) {
        throw new GitError(
          "git-subdir",
          `invalid subdir ${request.subdir}: ${module.path} is a module that is left out`,
        );
      }
      yield* this.#modules(received, [{ ...module, at: place.path }], rest, place.depth);
      return;
    }
    if (received.withoutFiles) await this.#receiveFiles(received, found.id);
    const { time } = commit;
    const modules: ModuleEntry[] = [];
    for (const entry of checkout.walk(found.id, this.#limits.entries - this.#entries)) {
      this.#entries += 1;
      const at = joined(place.path, entry.path);
      if (entry.kind === "module") modules.push({ ...entry, path: joined(request.subdir, entry.path), at });
      yield await this.#node(checkout, entry, at, time);
    }
    if (request.gitDir !== undefined && request.subdir === "") {
      const { repository, objects } = received;
      const source = { want: request.want, commit, objects, checkout, format: repository.format };
      yield* gitDirNodes(request.gitDir, { ...source, limit: this.#limits.entries }, this.#files, time);
    }
    if (request.submodules) yield* this.#modules(received, modules, "", place.depth);
  }

  /** Fetches a commit with all its directories, and with all its files unless only some will be wanted. */
  async #receive(request: CheckoutRequest): Promise<Received> {
    if (++this.#repositories > this.#limits.repositories) {
      const name = withoutCredentials(request.remote);
      throw new GitError(
        "git-too-large",
        `Cannot fetch ${name}: there are more than ${this.#limits.repositories} repositories`,
      );
    }
    const repository = await Repository.open(httpRemote(request.remote), this.#access);
    const withoutFiles = request.subdir !== "" && repository.canFilter;
    const objects = new Map<string, GitObject>();
    await this.#receivePack(repository, objects, [request.want], { withoutFiles });
    const checkout = new Checkout(objects, repository.format);
    const commit = checkout.commit(request.want);
    return { request, repository, objects, checkout, commit, withoutFiles };
  }

  /** Fetches the files below a tree, which were left out before. */
  async #receiveFiles({ repository, objects, checkout }: Received, tree: string): Promise<void> {
    const wants = new Set<string>();
    for (const { kind, id } of checkout.walk(tree, this.#limits.entries)) {
      if (kind !== "dir" && kind !== "module" && !objects.has(id)) wants.add(id);
    }
    if (wants.size > 0) await this.#receivePack(repository, objects, [...wants]);
  }

  async #receivePack(
    repository: Repository,
    objects: Map<string, GitObject>,
    wants: readonly string[],
    options: { withoutFiles?: boolean } = {},
  ): Promise<void> {
    const receiver = new ObjectReceiver(objects, repository.format, this.#files, this.#limits);
    for await (const entry of readPack(repository.pack(wants, options), repository.format, this.#limits)) {
      await receiver.add(entry);
    }
    receiver.finish();
  }

  async #node(checkout: Checkout, entry: CheckoutEntry, path: string, mtime: number): Promise<Node> {
    const node = { path, uid: 0, gid: 0, mtime };
    if (entry.kind === "dir" || entry.kind === "module")
      return { ...node, type: "dir", mode: 0o755, size: 0 };
    const { digest, size, bytes } = checkout.blob(entry);
    if (entry.kind !== "symlink") {
      return { ...node, type: "file", mode: entry.kind === "executable" ? 0o755 : 0o644, size, digest };
    }
    if (size === 0 || size > LONGEST_LINK) {
      throw new GitError(
        "git-corrupt",
        `Cannot check out ${path}: the target of a symbolic link cannot have ${size} bytes`,
      );
    }
    const target = decodeName(bytes ?? (await collect(this.#files.read({ digest, size }), size)));
    if (target.includes("\0")) {
      throw new GitError(
        "git-corrupt",
        `Cannot check out ${path}: the target of the symbolic link has a NUL`,
      );
    }
    return { ...node, type: "symlink", mode: 0o777, size: 0, linkname: target };
  }

  /** Checks out modules of a repository; `subdir` of them where only that is wanted. */
  async *#modules(
    received: Received,
    modules: readonly ModuleEntry[],
    subdir: string,
    depth: number,
  ): AsyncGenerator<Node, void, undefined> {
    const { request } = received;
    if (modules.length === 0) return;
    if (depth === this.#limits.moduleDepth) {
      throw new GitError(
        "git-too-large",
        `Cannot fetch the modules of ${withoutCredentials(request.remote)}: they lie too deep in others`,
      );
    }
    const urls = await this.#moduleUrls(received, modules);
    // What came of this repository is not needed any more.
    received.objects.clear();
    for (const { id, at, path } of modules) {
      const remote = urls.get(path);
      if (remote === undefined) continue;
      const module = { ...request, remote, want: id, subdir, gitDir: undefined };
      yield* this.#checkout(module, { path: at, depth: depth + 1 });
    }
  }

  /** Where the modules are, by their paths in the repository; those are left out that say so themselves. */
  async #moduleUrls(received: Received, modules: readonly CheckoutEntry[]): Promise<Map<string, string>> {
    const { checkout, commit, repository, objects, request } = received;
    const entry = checkout.entry(commit.tree, ".gitmodules");
    let text = "";
    if (entry?.kind === "file" || entry?.kind === "executable") {
      if (!objects.has(entry.id)) await this.#receivePack(repository, objects, [entry.id]);
      const { digest, size } = checkout.blob(entry);
      if (size > LONGEST_MODULES_FILE)
        throw new GitError("git-too-large", "Cannot read .gitmodules: it is too large");
      text = decoder.decode(await collect(this.#files.read({ digest, size }), size));
    }
    const declared = readModulesFile(text);
    const urls = new Map<string, string>();
    for (const { path } of modules) {
      const module = declared.get(path);
      if (module === undefined) {
        throw new GitError(
          "git-corrupt",
          `Cannot fetch module ${path} of ${repository.name}: no URL for it in .gitmodules`,
        );
      }
      if (!module.skipped) urls.set(path, moduleUrl(module.url, request.remote));
    }
    return urls;
  }
}

function joined(directory: string, path: string): string {
  return directory === "" || path === "" ? directory + path : `${directory}/${path}`;
}
