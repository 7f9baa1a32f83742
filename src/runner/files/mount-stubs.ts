import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { resolveInRoot } from "./root-path.ts";

/** A path where something is mounted: over a directory, or over a file. */
export interface MountPoint {
  target: string;
  isDirectory: boolean;
}

/** Mount points that every runtime uses. */
export const SYSTEM_POINTS: readonly MountPoint[] = ["/proc", "/sys", "/dev"].map((target) => ({
  target,
  isDirectory: true,
}));

/**
 * Makes missing mount points, and removes those that are still empty after the step, so that they are not part of its
 * result. Keeps the times of the directories that contain them.
 */
export class MountStubs {
  readonly #made: string[] = [];

  /**
   * Makes the missing parts of a mount point in the tree at `root`. The runtime makes those below one of `others`.
   * @throws {JobError}
   */
  make(root: string, { target, isDirectory }: MountPoint, others: readonly MountPoint[]): void {
    if (others.some((other) => target.startsWith(`${other.target}/`))) return;
    const { found, missing } = resolveInRoot(root, target);
    let at = found;
    missing.forEach((name, index) => {
      const parent = root + at;
      at += `/${name}`;
      const path = root + at;
      const mode = isDirectory || index < missing.length - 1 ? 0o755 : 0o644;
      keepingTimes(parent, () => {
        if (mode === 0o755) mkdirSync(path);
        else writeFileSync(path, "");
      });
      chmodSync(path, mode);
      this.#made.push(at);
    });
  }

  /** @param upper upper directory of the tree, after all its processes have ended */
  remove(upper: string): void {
    for (const path of this.#made.reverse()) {
      // A process may have replaced part of the path with a link that leads out of the tree.
      const { found, missing } = resolveInRoot(upper, path);
      if (found !== path || missing.length > 0) continue;
      const stats = lstatSync(upper + path);
      keepingTimes(dirname(upper + path), () => {
        if (stats.isDirectory()) {
          if (readdirSync(upper + path).length === 0) rmdirSync(upper + path);
        } else if (stats.isFile() && stats.size === 0) {
          unlinkSync(upper + path);
        }
      });
    }
  }
}

/** Makes a directory and its missing parents in the tree at `root`, all owned by one account. */
export function makeContainerWorkdir(
  root: string,
  path: string,
  { uid, gid }: { uid: number; gid: number },
): void {
  const { found, missing } = resolveInRoot(root, path);
  let at = root + found;
  for (const name of missing) {
    at += `/${name}`;
    mkdirSync(at);
    chmodSync(at, 0o755);
    chownSync(at, uid, gid);
  }
}

function keepingTimes(directory: string, change: () => void): void {
  const { atime, mtime } = lstatSync(directory);
  change();
  utimesSync(directory, atime, mtime);
}
