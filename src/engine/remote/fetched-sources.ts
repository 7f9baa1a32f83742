import { openContext } from "../../context/store.ts";
import type { Node } from "../../rootfs/tree.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { Archive } from "../copy/copy-request.ts";
import type { GitSource, HttpSource } from "../plan/step.ts";
import type { RemoteFiles, Remotes } from "../solve/sources.ts";
import { joinCredentials } from "../url-credentials.ts";
import type { World } from "../world.ts";
import { isArchive, openArchive } from "./archive.ts";
import { checkoutGit, gitKey, type ResolvedReference, remoteOf, resolveGit } from "./git.ts";
import { type Download, download, REMOTE_CACHE_TTL_S } from "./http.ts";
import { PackFiles, type StoredTree } from "./pack-files.ts";
import type { RemoteAccess } from "./remote-access.ts";

/** Fetches the remote sources of one build, each at most once, and only when changed since the last fetch. */
export class FetchedSources implements Remotes {
  readonly #world: Pick<World, "store" | "cache">;
  readonly #access: RemoteAccess;
  readonly #downloads = new Map<string, Promise<Download>>();
  readonly #references = new Map<string, Promise<ResolvedReference>>();
  readonly #checkouts = new Map<string, Promise<StoredTree>>();

  constructor(world: Pick<World, "store" | "cache">, access: RemoteAccess) {
    this.#world = world;
    this.#access = access;
  }

  /**
   * The identity of a source's contents. A download with a checksum and a commit id need no request; otherwise downloads the
   * file, or lists the references of the repository.
   */
  async key(source: HttpSource | GitSource): Promise<string> {
    if (source.kind === "git") return gitKey(source, await this.#reference(source));
    // With credentials, send a request: a checksum does not prove the right to read.
    const known = source.userinfo === undefined ? source.checksum : undefined;
    return known ?? (await this.#download(source)).digest;
  }

  /** Digest of a download, or commit of a repository. */
  async digest(source: HttpSource | GitSource): Promise<string> {
    if (source.kind === "http") return this.key(source);
    const { commit } = await this.#reference(source);
    return `${commit.length === 64 ? "sha256" : "sha1"}:${commit}`;
  }

  /** The files of a source. @throws {BuildError} */
  async open(source: HttpSource | GitSource): Promise<RemoteFiles> {
    if (source.kind === "http") {
      const { tree, context } = await this.#download(source);
      return { tree, context, path: `/${source.name}`, madeNow: false };
    }
    const { tree, digest } = await this.#checkout(source);
    return { tree, context: digest, path: "/", madeNow: !source.commitTime };
  }

  unpack(file: Node): Promise<Archive | undefined> {
    return openArchive(this.#world.store, file);
  }

  isArchive(file: Node): Promise<boolean> {
    return isArchive(file);
  }

  #download(source: HttpSource): Promise<Download> {
    const { store, cache } = this.#world;
    const { name, checksum } = source;
    return memoize(this.#downloads, JSON.stringify([joinCredentials(source), name, checksum]), async () => {
      using memory = isolateMemory.lend();
      const open = (digest: string) => openContext(store, digest);
      return await download(source, this.#access, { files: new PackFiles(store, memory), open, cache });
    });
  }

  #reference(source: GitSource): Promise<ResolvedReference> {
    const { ref, checksum, fetchByCommit } = source;
    const identity = JSON.stringify([remoteOf(source), ref, checksum, fetchByCommit]);
    return memoize(this.#references, identity, () => resolveGit(source, this.#access));
  }

  async #checkout(source: GitSource): Promise<StoredTree> {
    const reference = await this.#reference(source);
    const identity = JSON.stringify([
      remoteOf(source),
      gitKey(source, reference),
      this.#authorization(source),
    ]);
    return memoize(this.#checkouts, identity, async () => {
      const { store, cache } = this.#world;
      const key = `git/${sha256Hex(identity)}`;
      const known = (await cache.get<string>([key])).get(key);
      const earlier = known === undefined ? undefined : await openContext(store, known);
      if (earlier !== undefined) return earlier;
      using memory = isolateMemory.lend();
      const files = new PackFiles(store, memory);
      const made = await checkoutGit(source, reference, this.#access, { files });
      await cache.put(new Map([[key, made.digest]]), REMOTE_CACHE_TTL_S);
      return made;
    });
  }

  /**
   * Part of the cache identity, so that only builds with the same credentials reuse the contents of a private repository.
   */
  #authorization({ remote }: GitSource): string {
    const url = URL.parse(remote);
    return (url && this.#access.authorization?.(url)) ?? "";
  }
}

function memoize<T>(made: Map<string, Promise<T>>, identity: string, make: () => Promise<T>): Promise<T> {
  let promise = made.get(identity);
  if (promise === undefined) {
    promise = make();
    made.set(identity, promise);
  }
  return promise;
}
