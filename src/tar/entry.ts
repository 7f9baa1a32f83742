/** The types of entries in archives, contexts and images. None of them can contain sockets. */
export type EntryType = "file" | "dir" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/**
 * A member of a tar archive, a build context or an image, without its contents.
 * Names are strings: bytes that are not UTF-8 become lone surrogates U+DC80..U+DCFF (see `text.ts`), so that every name
 * survives a round trip through JSON.
 */
export interface Entry {
  /**
   * Relative to the root, with `/` between names; no leading `/` or `./`, no trailing `/`, no `.`, `..` or empty names.
   * The root itself is `""`.
   */
  path: string;
  type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970, may be negative and may have a fraction. */
  mtime: number;
  /** Bytes of a file; 0 for every other type. */
  size: number;
  /** Target: as written for a symlink; an entry path of the same tree for a hardlink. */
  linkname?: string;
  /** For `char` and `block`. */
  device?: { major: number; minor: number };
  /** Extended attributes; values are base64. Keys sorted. */
  xattrs?: Record<string, string>;
}
