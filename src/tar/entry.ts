/** What a tar member, a file of a context or a file of an image is. Sockets do not exist in any of them. */
export type EntryType = "file" | "dir" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/**
 * One member of a tar archive, a build context or an image, without its contents.
 *
 * Names are strings: bytes that are not UTF-8 are kept as lone surrogates U+DC80..U+DCFF (see `text.ts`),
 * so that every name goes to JSON and back unharmed.
 */
export interface Entry {
  /** Relative to the root, `/` between names; no leading `/` or `./`, no trailing `/`, no `.`, `..` or empty
   * names. The root itself is `""`. */
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
  /** Target: verbatim for a symlink; an entry path of the same tree for a hardlink. */
  linkname?: string;
  /** For `char` and `block`. */
  device?: { major: number; minor: number };
  /** Extended attributes; values are base64. Keys sorted. */
  xattrs?: Record<string, string>;
}
