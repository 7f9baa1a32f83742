/** Texts for error codes of the file system: Node's messages repeat the path. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EIO: "input/output error",
  EISDIR: "it is a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/** The reason of a file system error, without the path. */
export function fileReason(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
