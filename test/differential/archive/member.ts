/** One member of a tar archive with its contents, as this folder reads and writes it. */
export interface Member {
  /** Relative, `/` between names, no leading `./` or `/` and no trailing `/`. */
  path: string;
  type: MemberType;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Content of a file; absent if `digest` is set. */
  content?: Uint8Array;
  digest?: ContentDigest;
  /** Target of a symlink (verbatim) or hardlink (a path of the same archive). */
  link?: string;
  device?: { major: number; minor: number };
  /** Extended attributes, values in base64. */
  xattrs?: Record<string, string>;
  /** Whole seconds since 1970; `usualTime` when absent. */
  mtime?: number;
}

/** The compared form of a file's content. */
export interface ContentDigest {
  size: number;
  /** Hexadecimal. */
  sha256: string;
}

export type MemberType = "file" | "dir" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/** The typeflag of each type (POSIX ustar). */
export const typeflags: Record<MemberType, string> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  dir: "5",
  fifo: "6",
};
