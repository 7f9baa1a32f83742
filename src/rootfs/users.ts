import { collect } from "../streams/collect.ts";
import { resolvePath } from "./resolve.ts";
import type { Node, Tree } from "./tree.ts";

/** A line of /etc/passwd. */
export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

/** A line of /etc/group. */
export interface Group {
  name: string;
  gid: number;
  members: string[];
}

/** Largest accepted user or group file, in bytes. */
const MAX_LIST = 16 * 1024 * 1024;
const MAX_ID = 2 ** 31 - 1;

/** The first user with this name in the tree's /etc/passwd, following links; undefined when there is none. */
export async function lookupUser(tree: Tree, name: string): Promise<User | undefined> {
  for (const fields of await readFields(tree, "etc/passwd")) {
    const [found, , uid, gid, , home] = fields;
    if (found === name) return { name, uid: idOf(uid), gid: idOf(gid), home: home ?? "" };
  }
  return undefined;
}

/** The first group with this name in the tree's /etc/group, following links; undefined when there is none. */
export async function lookupGroup(tree: Tree, name: string): Promise<Group | undefined> {
  return (await readGroups(tree)).find((group) => group.name === name);
}

async function readGroups(tree: Tree): Promise<Group[]> {
  const groups: Group[] = [];
  for (const [name = "", , gid, members = ""] of await readFields(tree, "etc/group")) {
    groups.push({ name, gid: idOf(gid), members: members.split(",").filter(Boolean) });
  }
  return groups;
}

/** The fields of each line; empty when there is no such file. Throws `TooLargeError` above 16 MiB. */
async function readFields(tree: Tree, path: string): Promise<string[][]> {
  const node = followFile(tree, path);
  if (node === undefined) return [];
  const text = new TextDecoder().decode(await collect(tree.read(node), MAX_LIST));
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => line.trim().split(":"));
}

function followFile(tree: Tree, path: string): Node | undefined {
  const { node } = resolvePath(tree, path);
  const file = node?.type === "hardlink" ? tree.lookup(node.linkname ?? "") : node;
  return file?.type === "file" ? file : undefined;
}

/** Like BuildKit, reads anything that is not a number as 0. */
function idOf(text = ""): number {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : 0;
}
