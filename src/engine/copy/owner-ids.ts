import type { Tree } from "../../rootfs/tree.ts";
import { lookupGroup, lookupUser } from "../../rootfs/users.ts";
import type { Owner } from "../plan/owner.ts";
import type { Ids } from "./changes.ts";
import { CopyError } from "./copy-error.ts";
import type { CopyWarning } from "./copy-request.ts";

/** The uid that chown(2) reads as "leave unchanged": new files remain root's. */
export const UNCHANGED = 0xffffffff;

/**
 * Resolves an owner to numbers, looking up names in the destination tree. An unknown user becomes root and an unknown
 * group the user's group, with a warning; BuildKit is silent about it.
 * @throws {CopyError} for a name when there is no tree
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
    const found = await lookupUser(requireTree(tree), user.name);
    if (found === undefined) warnings.push(unknownName("user", user.name));
    else ({ uid, gid } = found);
  }
  if (group !== undefined) {
    if ("id" in group) gid = group.id;
    else {
      const found = await lookupGroup(requireTree(tree), group.name);
      if (found === undefined) warnings.push(unknownName("group", group.name));
      else gid = found.gid;
    }
  }
  return { ids: { uid: uid === UNCHANGED ? 0 : uid, gid: gid === UNCHANGED ? 0 : gid }, warnings };
}

function requireTree(tree: Tree | undefined): Tree {
  if (tree === undefined) throw new CopyError("write", "/etc/passwd", "invalid user index: -1");
  return tree;
}

function unknownName(kind: "user" | "group", name: string): CopyWarning {
  const file = kind === "user" ? "/etc/passwd" : "/etc/group";
  const message = `no ${kind} ${JSON.stringify(name)} in ${file} of the image: root is used instead`;
  return { code: `unknown-${kind}`, name, message };
}
