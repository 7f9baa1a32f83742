import { lstatSync, readlinkSync } from "node:fs";
import { JobError } from "../job-error.ts";

/** The target of a path inside a root. */
interface RootPath {
  /** The existing part: absolute within the root, links resolved. `""` is the root itself. */
  found: string;
  /** The missing names below `found`. */
  missing: string[];
}

/** The limit of Linux. */
const MAX_LINKS = 40;

/**
 * Resolves `path` in the tree at `root` as a process with that root would: links never lead out. Names after the first
 * missing one are not resolved. The tree must not change meanwhile.
 * @throws {JobError} `refused`, for too many symbolic links or a loop of them
 */
export function resolveInRoot(root: string, path: string): RootPath {
  const waiting = path.split("/").reverse();
  const found: string[] = [];
  const missing: string[] = [];
  let links = 0;
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (missing.pop() === undefined) found.pop();
      continue;
    }
    if (missing.length > 0) {
      missing.push(name);
      continue;
    }
    const at = [root, ...found, name].join("/");
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) {
      missing.push(name);
    } else if (stats.isSymbolicLink()) {
      links += 1;
      if (links > MAX_LINKS) throw new JobError("refused", `${path}: too many levels of symbolic links`);
      const target = readlinkSync(at);
      if (target.startsWith("/")) found.length = 0;
      waiting.push(...target.split("/").reverse());
    } else {
      found.push(name);
    }
  }
  return { found: found.map((name) => `/${name}`).join(""), missing };
}
