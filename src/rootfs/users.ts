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

/** Maximum size of a user or group file, in bytes. */
const MAX_LIST = 16 * 1024 * 1024;
/** Largest id of a user or group. */
export const MAX_ID = 2 ** 31 - 1;

/** The first user with this name in the tree's /etc/passwd, following links; undefined when there is none. */
export async function lookupUser(tree: Tree, name: string): Promise<User | undefined> {
  return parseUsers(await readList(tree, "etc/passwd")).find((user) => user.name === name);
}

/** The first group with this name in the tree's /etc/group, following links; undefined when there is none. */
export async function lookupGroup(tree: Tree, name: string): Promise<Group | undefined> {
  return parseGroups(await readList(tree, "etc/group")).find((group) => group.name === name);
}

/** The users of passwd(5). Like BuildKit, reads an id that is not a number as 0. */
export function parseUsers(text: string): User[] {
  return fieldsOf(text).map(([name = "", , uid, gid, , home = ""]) => ({
    name,
    uid: idOf(uid),
    gid: idOf(gid),
    home,
  }));
}

/** The groups of group(5): see `parseUsers`. */
export function parseGroups(text: string): Group[] {
  return fieldsOf(text).map(([name = "", , gid, members = ""]) => ({
    name,
    gid: idOf(gid),
    members: members.split(",").filter(Boolean),
  }));
}

/** The fields of each line. */
function fieldsOf(text: string): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}

/** The text of a file; empty when there is no such file. @throws {TooLargeError} above 16 MiB */
async function readList(tree: Tree, path: string): Promise<string> {
  const node = followFile(tree, path);
  return node === undefined ? "" : new TextDecoder().decode(await collect(tree.read(node), MAX_LIST));
}

function followFile(tree: Tree, path: string): Node | undefined {
  const { node } = resolvePath(tree, path);
  const file = node?.type === "hardlink" ? tree.lookup(node.linkname ?? "") : node;
  return file?.type === "file" ? file : undefined;
}

function idOf(text = ""): number {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : 0;
}
