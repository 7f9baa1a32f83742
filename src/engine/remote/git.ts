import { pathInRoot } from "../../tar/path.ts";
import { BuildError } from "../errors.ts";
import type { GitSource } from "../plan/step.ts";
import { joinCredentials } from "../url-credentials.ts";
import { CheckoutFetcher } from "./git/checkout-fetcher.ts";
import { GitError } from "./git/git-error.ts";
import { DEFAULT_GIT_LIMITS, type GitLimits } from "./git/limits.ts";
import { httpRemote } from "./git/remote.ts";
import { Repository } from "./git/repository.ts";
import { pinnedReference, type ResolvedReference, resolveReference } from "./git/resolve-reference.ts";
import type { PackFiles, StoredTree } from "./pack-files.ts";
import type { RemoteAccess } from "./remote-access.ts";

export type { GitLimits } from "./git/limits.ts";
export type { ResolvedReference } from "./git/resolve-reference.ts";

interface CheckoutOptions {
  /** Receives the files. */
  files: PackFiles;
  limits?: Partial<GitLimits>;
}

/** The address of a repository with its credentials. */
export function remoteOf({ remote, userinfo }: GitSource): string {
  return joinCredentials({ url: remote, ...(userinfo !== undefined && { userinfo }) });
}

/**
 * Resolves the commit of a source. A commit id needs no request; otherwise lists references.
 * @throws {BuildError}
 */
export async function resolveGit(source: GitSource, access: RemoteAccess): Promise<ResolvedReference> {
  return asBuildError(source, async () => {
    const pinned = pinnedReference(source);
    if (pinned !== undefined && source.userinfo === undefined) return pinned;
    // With credentials, always send a request: knowing a commit does not prove the right to read it.
    const repository = await Repository.open(httpRemote(remoteOf(source)), access);
    return pinned ?? resolveReference(repository, source);
  });
}

/**
 * The identity of a checkout, as part of the cache key of the step that reads it. Two references to the same commit
 * have the same identity, unless the `.git` directory is kept.
 */
export function gitKey(source: GitSource, { reference, object, commit }: ResolvedReference): string {
  const id = source.keepGitDir ? `${object}.git#${reference}` : commit;
  const subdir = source.subdir === undefined || source.subdir === "" ? "" : `:${source.subdir}`;
  const modules = source.submodules ? "" : "(skip-submodules)";
  return id + subdir + modules + (source.commitTime ? "(mtime=commit)" : "");
}

/**
 * Checks out a commit: directories 0755, files 0644 or 0755, all owned by root with the time of the commit. Fetches
 * only that commit without history, and only the files of the subdirectory when the server supports filters. Applies
 * only the attributes for line ends.
 * @throws {BuildError}
 */
export async function checkoutGit(
  source: GitSource,
  resolved: ResolvedReference,
  access: RemoteAccess,
  options: CheckoutOptions,
): Promise<StoredTree> {
  const { submodules, keepGitDir } = source;
  const remote = remoteOf(source);
  const { reference, object, commit } = resolved;
  return asBuildError(source, () => {
    const limits = { ...DEFAULT_GIT_LIMITS, ...options.limits };
    const entries = new CheckoutFetcher({ access, files: options.files, limits }).entries({
      remote,
      // A tag object is fetched only when `.git` is kept.
      want: keepGitDir ? object : commit,
      subdir: pathInRoot(source.subdir ?? ""),
      submodules,
      gitDir: keepGitDir ? { remote, reference } : undefined,
    });
    return options.files.tree(entries);
  });
}

async function asBuildError<T>({ remote }: GitSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const hint = hintFor(error, remote);
    throw new BuildError("download-failed", error.message, {
      cause: error,
      ...(hint !== undefined && { hint }),
    });
  }
}

function hintFor(error: GitError, remote: string): string | undefined {
  if (error.code === "git-unsupported" && !/^https?:/i.test(remote)) {
    const [, host, path] = /^(?:[a-z0-9]+:\/\/)?(?:[^@/]*@)?([^:/]+)(?::\d+)?[:/](.+)$/i.exec(remote) ?? [];
    if (host !== undefined && path !== undefined) return `Use https://${host}/${path}`;
  }
  return undefined;
}
