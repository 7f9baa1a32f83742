import type { Entitlement } from "./options.ts";
import type { JobLayer, JobSource, JobTree, Task } from "./runner.ts";

/** Rights that a task needs beyond those of any step. */
export function rightsOf(of: Task): Entitlement[] {
  if (of.kind !== "run") return [];
  const rights: Entitlement[] = [];
  if (of.network === "host") rights.push("network.host");
  if (of.security === "insecure") rights.push("security.insecure");
  return rights;
}

/** The trees that a task reads besides the file system it starts from. */
function treesOf(of: Task): JobTree[] {
  switch (of.kind) {
    case "run":
      return of.mounts.flatMap((mount) => ("from" in mount && mount.from !== undefined ? mount.from : []));
    case "copy":
      return of.action.kind === "workdir" ? [] : of.action.sources.flatMap(treeOf);
    case "select":
      return of.sources.flatMap(({ source }) => treeOf(source));
    case "layer":
      return [];
    case "container":
      return of.mounts.flatMap((mount) => (mount.type === "bind" ? mount.from : []));
  }
}

function treeOf({ from }: JobSource): JobTree[] {
  return "content" in from ? [] : [from];
}

/** All layers that a task reads. */
export function layersOf(of: Task): JobLayer[] {
  const own = of.kind === "select" ? [] : of.layers;
  return [...own, ...treesOf(of).flatMap((tree) => ("layers" in tree ? tree.layers : []))];
}

/** Stored contexts that a task reads: digests, or keys of copies. */
export function contextsOf(of: Task): string[] {
  return treesOf(of).flatMap((tree) => ("context" in tree ? (tree.copy ?? tree.context) : []));
}
