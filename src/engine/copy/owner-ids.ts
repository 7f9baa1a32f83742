import type { Tree } from "../../rootfs/tree.ts";
import { lookupGroup, lookupUser } from "../../rootfs/users.ts";
import type { Owner } from "../plan/owner.ts";
import type { Ids } from "./changes.ts";
import { CopyError } from "./copy-error.ts";
import type { CopyWarning } from "./copy-request.ts";

/** The uid that chown(2) takes for "leave it": what root has just made stays root's. */
const UNCHANGED = 0xffffffff;

/**
 * The numbers of an owner, its names looked up in the tree that is written to. A name that is not found is root, or
 * for a group that of the user, with a warning: BuildKit says nothing.
 *
 * @throws CopyError for a name when there is no tree to look it up in
 */
export async function resolveOwner(
  owner: Owner,
  tree: Tree | undefined,
): Promise<{ ids: Ids; warnings: CopyWarning[] }> {
  const warnings: CopyWarning[] = [];
  const { user, group } = owner;
  let uid = 0;
  let gid = 0;
  if ("id" in user) {
    uid = user.id;
    gid = user.id;
  } else {
    const found = await lookupUser(lookedUpIn(tree), user.name);
    if (found === undefined) warnings.push(unknown("user", user.name));
    else ({ uid, gid } = found);
  }
  if (group !== undefined) {
    if ("id" in group) gid = group.id;
    else {
      const found = await lookupGroup(lookedUpIn(tree), group.name);
      if (found === undefined) warnings.push(unknown("group", group.name));
      else gid = found.gid;
    }
  }
  return { ids: { uid: uid === UNCHANGED ? 0 : uid, gid: gid === UNCHANGED ? 0 : gid }, warnings };
}

function lookedUpIn(tree: Tree | undefined): Tree {
  if (tree === undefined) throw new CopyError("write", "/etc/passwd", "invalid user index: -1");
  return tree;
}

function unknown(kind: "user" | "group", name: string): CopyWarning {
  const file = kind === "user" ? "/etc/passwd" : "/etc/group";
  const message = `no ${kind} ${JSON.stringify(name)} in ${file} of the image: root is used instead`;
  return { code: `unknown-${kind}`, name, message };
}
