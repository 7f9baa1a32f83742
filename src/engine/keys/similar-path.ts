import { suggest } from "../../dockerfile/suggest.ts";
import type { Tree } from "../../rootfs/tree.ts";

/** Entries that are looked through for one of the same name. */
const most = 100_000;

/** What may be meant by a path that is not there: one that is spelt almost so, or the same name in another place. */
export function similarPath(tree: Tree, path: string): string | undefined {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  let parent = "";
  for (const [index, name] of names.entries()) {
    const inParent = parent === "" ? name : `${parent}/${name}`;
    if (tree.lookup(inParent) === undefined) {
      const siblings = Array.from(tree.children(parent), ({ path }) => path.slice(path.lastIndexOf("/") + 1));
      const meant =
        siblings.find((sibling) => sibling.toLowerCase() === name.toLowerCase()) ?? suggest(name, siblings);
      const last = names.slice(index + 1);
      const guess = meant && [...(parent === "" ? [] : [parent]), meant, ...last].join("/");
      return guess !== undefined && tree.lookup(guess) ? guess : elsewhere(tree, names.at(-1) ?? "");
    }
    parent = inParent;
  }
  return undefined;
}

function elsewhere(tree: Tree, name: string): string | undefined {
  let count = 0;
  for (const { path } of tree.walk("")) {
    if (path === name || path.endsWith(`/${name}`)) return path;
    if (++count === most) return undefined;
  }
  return undefined;
}
