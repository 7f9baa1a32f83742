/** The path of the parent directory; the root is its own parent. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function childPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

export function isBelow(path: string, directory: string): boolean {
  if (directory === "") return path !== "";
  return path.length > directory.length && path[directory.length] === "/" && path.startsWith(directory);
}
