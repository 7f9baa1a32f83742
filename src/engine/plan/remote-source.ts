import { type GitReference, GitReferenceError, parseGitReference } from "../../dockerfile/git-reference.ts";
import type { AddInstruction } from "../../dockerfile/instruction.ts";
import { quoteGo } from "../../dockerfile/quote.ts";
import { digestProblem } from "../../oci/digest.ts";
import { splitCredentials } from "../url-credentials.ts";
import { baseName } from "./os-path.ts";
import { PlanFault } from "./plan-error.ts";
import type { GitSource, HttpSource } from "./step.ts";

/** The expanded flags of ADD that apply to remote sources. */
type RemoteFlags = Pick<AddInstruction, "checksum" | "keepGitDir" | "unpack">;

/**
 * Parses a remote source of ADD; undefined for a path of the context.
 * @throws {PlanFault} for an invalid repository query, and for contradicting flags.
 */
export function remoteSource(text: string, flags: RemoteFlags): HttpSource | GitSource | undefined {
  const git = repositoryOf(text);
  if (git !== undefined) return gitSource(git, flags);
  return isUrl(text) ? httpSource(text, flags) : undefined;
}

/** Whether a source is a URL or a repository. */
export function remoteKind(text: string): "git" | "http" | undefined {
  if (repositoryOf(text) !== undefined) return "git";
  return isUrl(text) ? "http" : undefined;
}

/** The git repository that a source names, when it cannot be mistaken for a path. */
function repositoryOf(text: string): GitReference | undefined {
  try {
    const git = parseGitReference(text);
    return git?.isLookalikeOfLocal ? undefined : git;
  } catch (error) {
    if (error instanceof GitReferenceError) throw new PlanFault("plan/invalid-source", error.message);
    throw error;
  }
}

function isUrl(text: string): boolean {
  return text.startsWith("http://") || text.startsWith("https://");
}

function httpSource(text: string, { checksum, unpack }: RemoteFlags): HttpSource {
  if (checksum) rejectInvalidDigest(checksum);
  const { url, ...credentials } = splitCredentials(text);
  return {
    kind: "http",
    url,
    ...credentials,
    name: fileNameOf(url),
    ...(checksum && { checksum }),
    unpack: unpack ?? false,
  };
}

function rejectInvalidDigest(checksum: string): void {
  const problem = digestProblem(checksum);
  if (problem !== undefined) throw new PlanFault("plan/invalid-source", problem);
}

/** The file name of a download: the last part of the URL's path, decoded. */
function fileNameOf(url: string): string {
  try {
    const name = baseName(decodeURIComponent(new URL(url).pathname));
    if (![".", "..", "/"].includes(name)) return name;
  } catch {
    // An invalid URL has no name; fetching it reports the error.
  }
  return "__unnamed__";
}

function gitSource(git: GitReference, { checksum, keepGitDir }: RemoteFlags): GitSource {
  if (keepGitDir !== undefined && git.keepGitDir !== undefined && keepGitDir !== git.keepGitDir) {
    throw new PlanFault("plan/invalid-source", "inconsistent keep-git-dir configuration");
  }
  if (checksum && git.checksum && checksum !== git.checksum) {
    const message = `checksum mismatch ${quoteGo(checksum)} != ${quoteGo(git.checksum)}`;
    throw new PlanFault("plan/invalid-source", message);
  }
  const commit = git.checksum || checksum;
  const { url: remote, ...credentials } = splitCredentials(git.remote);
  return {
    kind: "git",
    remote,
    ...credentials,
    ...(git.ref && { ref: git.ref }),
    ...(git.subdir && { subdir: git.subdir }),
    ...(commit && { checksum: commit }),
    keepGitDir: git.keepGitDir ?? keepGitDir ?? false,
    submodules: git.submodules ?? true,
    fetchByCommit: git.fetchByCommit,
    commitTime: git.mtime === "commit",
  };
}
