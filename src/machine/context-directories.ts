import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { type ContextSelection, pathJudge } from "../context/context-view.ts";
import { childPath } from "../rootfs/path-parts.ts";

/** The directories of a folder that contain selected paths, or may contain some later; those that cannot be read are left out. */
export function contextDirectories(folder: string, selection: ContextSelection): string[] {
  const judge = pathJudge(selection);
  const found: string[] = [];
  const open = [""];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    const place = join(folder, directory);
    found.push(place);
    for (const entry of entriesIn(place)) {
      const path = childPath(directory, entry.name);
      if (entry.isDirectory() && judge(path) !== "drop") open.push(path);
    }
  }
  return found;
}

function entriesIn(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
