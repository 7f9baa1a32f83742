import type { GitSource } from "../../../../src/engine/plan/step.ts";
import { checkoutGit, type GitLimits, resolveGit } from "../../../../src/engine/remote/git.ts";
import { PackFiles } from "../../../../src/engine/remote/pack-files.ts";
import type { RemoteAccess } from "../../../../src/engine/remote/remote-access.ts";
import { checkedFetch } from "../../../../src/network/checked-fetch.ts";
import type { Tree } from "../../../../src/rootfs/tree.ts";
import { memoryStore } from "../../../../src/store/memory-store.ts";
import { collect } from "../../../../src/streams/collect.ts";

export const access: RemoteAccess = { fetch: checkedFetch({ allowLoopback: true }) };

/** Resolves and checks out a source. */
export async function checkout(
  source: GitSource,
  limits?: Partial<GitLimits>,
  through: RemoteAccess = access,
): Promise<Tree> {
  const options = { files: new PackFiles(memoryStore()), ...(limits && { limits }) };
  return (await checkoutGit(source, await resolveGit(source, through), through, options)).tree;
}

export async function textOf(tree: Tree, path: string): Promise<string> {
  const node = tree.lookup(path);
  if (node === undefined) throw new Error(`There is no ${path}`);
  return new TextDecoder().decode(await collect(tree.read(node), node.size));
}

/** Paths with type and mode, as `d755 sub`. */
export const listing = (tree: Tree) =>
  [...tree.walk("")].map(({ path, type, mode }) => `${type[0]}${mode.toString(8)} ${path}`);
