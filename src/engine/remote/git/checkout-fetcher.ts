import type { Node } from "../../../rootfs/tree.ts";
import { inTurns, spend } from "../../../streams/turns.ts";
import { maskUrl } from "../../url-credentials.ts";
import { type CheckoutEntry, ENTRY_COST } from "./checkout.ts";
import { type GitDirRequest, gitDirNodes } from "./git-dir.ts";
import { GitError } from "./git-error.ts";
import { moduleUrl, readModulesFile } from "./modules-file.ts";
import { type Fetching, joinPaths, ReceivedCommit } from "./received-commit.ts";
import { httpRemote } from "./remote.ts";

/** A commit to check out. */
interface CheckoutRequest {
  remote: string;
  /** The commit, or an annotated tag of it. */
  want: string;
  /** Clean and relative; empty for the whole repository. */
  subdir: string;
  submodules: boolean;
  /** The contents of `.git`, when it is kept. */
  gitDir?: GitDirRequest | undefined;
}

/** The location of a module within the checkout: the path of its root, and its nesting depth. */
interface Nesting {
  path: string;
  depth: number;
}

/** A submodule: its path in the repository, and the path of its root in the whole checkout. */
interface ModuleEntry extends CheckoutEntry {
  at: string;
}

/** Fetches a commit and its submodules, and yields the entries of the checkout. @throws {GitError} */
export class CheckoutFetcher {
  readonly #fetching: Fetching;
  #repositories = 0;
  #entries = 0;

  constructor(fetching: Fetching) {
    this.#fetching = fetching;
  }

  entries(request: CheckoutRequest): AsyncGenerator<Node, void, undefined> {
    return this.#checkout(request, { path: "", depth: 0 });
  }

  async *#checkout(request: CheckoutRequest, place: Nesting): AsyncGenerator<Node, void, undefined> {
    const { limits, files } = this.#fetching;
    const { want, subdir, gitDir } = request;
    if (++this.#repositories > limits.repositories) {
      const name = maskUrl(request.remote);
      const message = `Cannot fetch ${name}: there are more than ${limits.repositories} repositories`;
      throw new GitError("git-too-large", message);
    }
    const received = await ReceivedCommit.fetch(
      httpRemote(request.remote),
      want,
      subdir !== "",
      this.#fetching,
    );
    const { checkout, commit } = received;
    const found = checkout.directory(commit.tree, subdir);
    if ("module" in found) {
      const { module, rest } = found;
      if (!request.submodules) {
        throw new GitError(
          "git-subdir",
          `invalid subdir ${subdir}: ${module.path} is a submodule that is skipped`,
        );
      }
      yield* this.#modules(request, received, [{ ...module, at: place.path }], rest, place.depth);
      return;
    }
    await received.prepare(subdir, found.id);
    const modules: ModuleEntry[] = [];
    for (const entry of checkout.walk(found.id, limits.entries - this.#entries)) {
      const turn = spend(ENTRY_COST);
      if (turn !== undefined) await turn;
      this.#entries += 1;
      const at = joinPaths(place.path, entry.path);
      const inRepository = { ...entry, path: joinPaths(subdir, entry.path) };
      if (entry.kind === "module") modules.push({ ...inRepository, at });
      yield await received.node(inRepository, at);
    }
    if (gitDir !== undefined && subdir === "") {
      yield* gitDirNodes(gitDir, { want, received, limit: limits.entries }, files);
    }
    if (request.submodules) yield* this.#modules(request, received, modules, "", place.depth);
  }

  /** Checks out the submodules of a repository, or `subdir` of one when only that is requested. */
  async *#modules(
    request: CheckoutRequest,
    received: ReceivedCommit,
    modules: readonly ModuleEntry[],
    subdir: string,
    depth: number,
  ): AsyncGenerator<Node, void, undefined> {
    if (modules.length === 0) return;
    if (depth === this.#fetching.limits.moduleDepth) {
      const name = maskUrl(request.remote);
      throw new GitError("git-too-large", `Cannot fetch the modules of ${name}: they are nested too deeply`);
    }
    const urls = await moduleUrls(request.remote, received, modules);
    // The objects of this repository are no longer needed.
    received.objects.clear();
    for (const { id, at, path } of modules) {
      const remote = urls.get(path);
      if (remote === undefined) continue;
      const module = { ...request, remote, want: id, subdir, gitDir: undefined };
      yield* this.#checkout(module, { path: at, depth: depth + 1 });
    }
  }
}

/** URLs of submodules by their paths in the repository, without those that have `update = none`. */
async function moduleUrls(
  remote: string,
  received: ReceivedCommit,
  modules: readonly CheckoutEntry[],
): Promise<Map<string, string>> {
  const entry = received.checkout.entry(received.commit.tree, ".gitmodules");
  const isFile = entry?.kind === "file" || entry?.kind === "executable";
  const declared = await inTurns(readModulesFile(isFile ? await received.settings(entry) : ""));
  const urls = new Map<string, string>();
  for (const { path } of modules) {
    const module = declared.get(path);
    if (module === undefined) {
      const { name } = received.repository;
      throw new GitError(
        "git-corrupt",
        `Cannot fetch module ${path} of ${name}: no URL for it in .gitmodules`,
      );
    }
    if (!module.skipped) urls.set(path, moduleUrl(module.url, remote));
  }
  return urls;
}
