import { GitError } from "./git-error.ts";
import { isObjectId } from "./object-format.ts";
import type { AdvertisedReference, Repository } from "./repository.ts";

const LONGEST_NAME = 1024;

/** The commit that a source names, found out without fetching anything but references. */
export interface ResolvedReference {
  /** Full name of the branch or tag; a commit id when the source names a commit. */
  reference: string;
  /** What the reference names: a commit, or an annotated tag. */
  object: string;
  /** The commit behind an annotated tag; the same as `object` otherwise. */
  commit: string;
}

/** What of a source decides which commit it is. */
export interface ReferenceRequest {
  ref?: string | undefined;
  checksum?: string | undefined;
  fetchByCommit?: boolean | undefined;
}

/**
 * The commit that needs no question to be known: a source that names one. Undefined for every other. Throws
 * `GitError` for a checksum that is none or another.
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
 * Asks the repository which commit a branch or tag names now; the default branch when the source names none. A full
 * name goes before a branch, a branch before a tag. Throws `GitError`.
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

/** The checksum is the beginning of the id of the tag, or of the commit behind it. */
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

/** No option, nothing that ends a line of the protocol, and short enough for one. */
function isPlausible(ref: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return ref.length <= LONGEST_NAME && !/^-|[\x00-\x20\x7f]/.test(ref);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
