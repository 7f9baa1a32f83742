/** The path of the directory that an entry is in; of the root, the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function isBelow(path: string, directory: string): boolean {
  if (directory === "") return path !== "";
  return path.length > directory.length && path[directory.length] === "/" && path.startsWith(directory);
}
