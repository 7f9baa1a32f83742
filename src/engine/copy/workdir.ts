import type { Tree } from "../../rootfs/tree.ts";
import { pathInRoot } from "../../tar/path.ts";
import type { Owner } from "../plan/owner.ts";
import { Changes, type Ids, type MtimeRule } from "./changes.ts";
import type { CopyWarning } from "./copy-request.ts";
import { makeDirectories } from "./make-directories.ts";
import { resolveOwner } from "./owner-ids.ts";
import { requireValidPath, resolveInTree } from "./root-path.ts";

/** One WORKDIR instruction. */
interface WorkdirRequest {
  /** Absolute and clean. */
  readonly path: string;
  /** The active USER. */
  readonly owner?: Owner;
  /** The stage has no layer yet, so user names cannot be resolved. */
  readonly noLayers?: boolean;
  readonly mtimeOf: MtimeRule;
}

/**
 * Creates the directory of WORKDIR and its missing parents: mode 0755, owned by the user of the stage. Existing
 * directories do not change; links are followed.
 * @throws {CopyError} where something other than a directory exists
 */
export async function makeWorkdir(
  base: Tree,
  request: WorkdirRequest,
): Promise<{ changes: Changes; warnings: CopyWarning[] }> {
  const { owner, noLayers, mtimeOf } = request;
  const changes = new Changes(base, mtimeOf);
  let ids: Ids = { uid: 0, gid: 0 };
  let warnings: CopyWarning[] = [];
  if (owner !== undefined) ({ ids, warnings } = await resolveOwner(owner, noLayers ? undefined : base));
  const meta = { ...ids, mode: 0o755, mtime: undefined };
  requireValidPath(pathInRoot(request.path), "lstat");
  makeDirectories(changes, resolveInTree(changes, request.path), meta, owner !== undefined);
  return { changes, warnings };
}
