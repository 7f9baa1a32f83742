import { GitError } from "./git-error.ts";
import { isObjectId } from "./object-format.ts";
import type { AdvertisedReference, Repository } from "./repository.ts";

const MAX_NAME = 1024;

/** The commit of a source, resolved without fetching objects. */
export interface ResolvedReference {
  /** Full name of the branch or tag; a commit id when the source names a commit. */
  reference: string;
  /** The object of the reference: a commit, or an annotated tag. */
  object: string;
  /** The commit behind an annotated tag; otherwise equal to `object`. */
  commit: string;
}

/** The fields of a source that determine its commit. */
interface ReferenceRequest {
  ref?: string | undefined;
  checksum?: string | undefined;
  fetchByCommit?: boolean | undefined;
}

/**
 * Resolves a source that names a commit, without a request; undefined for any other.
 * @throws {GitError} for an invalid or contradicting checksum
 */
export function pinnedReference(request: ReferenceRequest): ResolvedReference | undefined {
  const { ref = "", checksum = "" } = request;
  if (checksum !== "" && !/^[0-9a-fA-F]+$/.test(checksum)) {
    throw new GitError(
      "git-checksum-mismatch",
      `invalid checksum ${checksum} for Git URL, expected hex commit hash`,
    );
  }
  if (!isPlausible(ref))
    throw new GitError("git-reference-unknown", `invalid git ref ${JSON.stringify(ref)}`);
  if (isObjectId(ref)) {
    if (!ref.startsWith(checksum)) throw mismatch(checksum, [ref]);
    return { reference: ref, object: ref, commit: ref };
  }
  if (!request.fetchByCommit) return undefined;
  if (checksum === "") {
    throw new GitError("git-checksum-mismatch", "fetch-by-commit requires a checksum or a commit SHA ref");
  }
  if (!isObjectId(checksum)) {
    throw new GitError(
      "git-checksum-mismatch",
      `fetch-by-commit requires a full commit SHA checksum, got ${JSON.stringify(checksum)}`,
    );
  }
  const full = ref === "" || ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
  return { reference: full || checksum, object: checksum, commit: checksum };
}

/**
 * Resolves a branch or tag with a request; the default branch when the source names none. A full name has precedence
 * over a branch, and a branch over a tag.
 * @throws {GitError}
 */
export async function resolveReference(
  repository: Repository,
  request: ReferenceRequest,
): Promise<ResolvedReference> {
  const pinned = pinnedReference(request);
  if (pinned !== undefined) return pinned;
  const ref = request.ref || (await defaultBranch(repository));
  const candidates = [
    `refs/${withoutPrefix(ref, "refs/")}`,
    `refs/heads/${withoutPrefix(ref, "refs/heads/")}`,
    `refs/tags/${withoutPrefix(ref, "refs/tags/")}`,
  ];
  const listed = await repository.references(candidates);
  const found = candidates
    .map((name) => listed.find((reference) => reference.name === name))
    .find((reference) => reference !== undefined);
  if (found === undefined) {
    throw new GitError("git-reference-unknown", `repository does not contain ref ${ref}`);
  }
  const resolved = { reference: found.name, object: found.id, commit: found.peeled ?? found.id };
  requireChecksum(resolved, request.checksum ?? "");
  return resolved;
}

async function defaultBranch(repository: Repository): Promise<string> {
  const listed: AdvertisedReference[] = await repository.references(["HEAD"]);
  const head = listed.find(({ name }) => name === "HEAD");
  const branch = head?.target;
  if (branch === undefined || !branch.startsWith("refs/heads/")) {
    throw new GitError(
      "git-reference-unknown",
      `could not find default branch for repository: ${repository.name}`,
    );
  }
  return branch;
}

/** A checksum is a prefix of the id of the tag, or of the commit behind it. */
function requireChecksum({ object, commit }: ResolvedReference, checksum: string): void {
  if (object.startsWith(checksum) || commit.startsWith(checksum)) return;
  throw mismatch(checksum, object === commit ? [object] : [object, commit]);
}

function mismatch(checksum: string, actual: readonly string[]): GitError {
  return new GitError(
    "git-checksum-mismatch",
    `expected checksum to match ${checksum}, got ${actual.join(" or ")}`,
  );
}

/** Rejects options, control characters that could end a protocol line, and names too long for one. */
function isPlausible(ref: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  return ref.length <= MAX_NAME && !/^-|[\x00-\x20\x7f]/.test(ref);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
