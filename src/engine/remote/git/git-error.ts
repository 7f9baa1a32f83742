/** What went wrong between this client and a repository. */
export type GitErrorCode =
  /** The server did not answer as a git server answers. */
  | "git-protocol"
  /** The server refused, with its own words in the message. */
  | "git-refused"
  /** The repository has no such reference or commit. */
  | "git-reference-unknown"
  /** The commit is not the one that was promised. */
  | "git-checksum-mismatch"
  /** An object, a tree or the pack that carries them is damaged or dangerous. */
  | "git-corrupt"
  /** Larger than this client reads. */
  | "git-too-large"
  /** Needs something that only a machine with git can do. */
  | "git-unsupported"
  /** There is no such directory in the commit. */
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
