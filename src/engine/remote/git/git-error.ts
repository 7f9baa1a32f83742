/** The reason why a repository cannot be read. */
type GitErrorCode =
  /** The server does not speak git's protocol. */
  | "git-protocol"
  /** The server rejected the request; the message quotes its reason. */
  | "git-refused"
  /** The repository has no such reference or commit. */
  | "git-reference-unknown"
  /** The commit does not match the requested checksum. */
  | "git-checksum-mismatch"
  /** An object, a tree or the pack is damaged or unsafe. */
  | "git-corrupt"
  /** A limit of this client is exceeded. */
  | "git-too-large"
  /** Needs a feature of a full git client. */
  | "git-unsupported"
  /** The commit has no such directory. */
  | "git-subdir";

/** A repository cannot be read. */
export class GitError extends Error {
  override name = "GitError";
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a part of a repository that cannot be read. */
export function corruptGitError(what: string, why: string): GitError {
  return new GitError("git-corrupt", `Cannot read ${what}: ${why}`);
}
