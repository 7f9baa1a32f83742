import { files, paths } from "../project/project.ts";
import { selectedSet } from "../project/selection.ts";

/** Yields the direct children of a folder that are part of the build context. */
export function* contextPathsIn(
  folder: string,
): Generator<{ name: string; isFolder: boolean; size: number }> {
  const prefix = folder === "" ? "" : `${folder}/`;
  let last = "";
  for (const path of paths.peek()) {
    if (!path.startsWith(prefix) || !selectedSet.peek().has(path)) continue;
    const [name = "", inner] = path.slice(prefix.length).split("/", 2);
    if (name === last) continue;
    last = name;
    yield { name, isFolder: inner !== undefined, size: files.peek().get(path)?.size ?? 0 };
  }
}
