/**
 * Facts about a directory tree that `lstat` does not give: extended attributes and hard links. Paths are relative to the
 * tree, without a leading slash.
 */
export interface TreeIndex {
  /** Extended attributes by path, values in base64. Overlayfs's own are left out. */
  xattrs: Record<string, Record<string, string>>;
  /** Directories that hide what lower layers have in them. */
  opaque: string[];
  /** Names of one file, the first in path order first. */
  links: string[][];
  /** Some entry is a removal (a character device 0:0), or a directory is opaque. */
  hasRemovals: boolean;
}
