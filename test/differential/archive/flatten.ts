import { createHash } from "node:crypto";
import type { RootfsEntry } from "../result.ts";
import type { ContentDigest, Member } from "./member.ts";
import { USUAL_TIME } from "./write.ts";

interface Inode {
  member: Omit<Member, "path">;
  children: Map<string, Inode>;
}

const directory = (): Inode => ({
  member: { type: "dir", mode: 0o755, uid: 0, gid: 0 },
  children: new Map(),
});

/** The directory at this path. Missing and other entries in the path become plain directories; links are not followed. */
function parentOf(root: Inode, names: string[]): Inode {
  let at = root;
  for (const name of names) {
    let next = at.children.get(name);
    if (next === undefined || next.member.type !== "dir") {
      next = directory();
      at.children.set(name, next);
    }
    at = next;
  }
  return at;
}

function find(root: Inode, path: string): Inode | undefined {
  let at: Inode | undefined = root;
  for (const name of path.split("/")) at = at?.children.get(name);
  return at;
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** Applies whiteouts: they hide entries of lower layers, wherever in the layer they are (OCI image-spec, layer.md). */
function applyWhiteouts(root: Inode, layer: Member[]): void {
  for (const { path } of layer) {
    const names = path.split("/");
    const name = names.pop() ?? "";
    if (!name.startsWith(WHITEOUT)) continue;
    const parent = names.length === 0 ? root : find(root, names.join("/"));
    if (name === OPAQUE) parent?.children.clear();
    else parent?.children.delete(name.slice(WHITEOUT.length));
  }
}

function applyMembers(root: Inode, layer: Member[]): void {
  for (const { path, ...member } of layer) {
    const names = path.split("/");
    const name = names.pop() ?? "";
    if (name.startsWith(WHITEOUT)) continue;
    const parent = parentOf(root, names);
    if (member.type === "hardlink") {
      const target = find(root, member.link ?? "");
      if (target === undefined) throw new Error(`Cannot link "${path}" to "${member.link}": no such file`);
      parent.children.set(name, target);
      continue;
    }
    const existing = parent.children.get(name);
    const keeps = member.type === "dir" && existing?.member.type === "dir";
    parent.children.set(name, { member, children: keeps && existing ? existing.children : new Map() });
  }
}

function digestOf({ content = new Uint8Array(), digest }: Pick<Member, "content" | "digest">): ContentDigest {
  return digest ?? { size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

/** The member with the digest of its content in place of that. */
export function digested(member: Member): Member {
  const { content, ...rest } = member;
  return content === undefined ? member : { ...rest, digest: digestOf(member) };
}

function entryOf(path: string, { member }: Inode, seen: Map<Inode["member"], string>): RootfsEntry {
  const { type, mode, uid, gid } = member;
  const entry: RootfsEntry = {
    path,
    type: type as RootfsEntry["type"],
    mode: mode.toString(8).padStart(4, "0"),
    uid,
    gid,
  };
  if (type === "file") Object.assign(entry, digestOf(member));
  if (member.link !== undefined) entry.link = member.link;
  if (member.device !== undefined) entry.device = `${member.device.major}:${member.device.minor}`;
  if (member.xattrs !== undefined) entry.xattrs = member.xattrs;
  const first = seen.get(member);
  if (first === undefined) seen.set(member, path);
  else entry.sameFileAs = first;
  entry.mtime = member.mtime ?? USUAL_TIME;
  return entry;
}

/** The file tree of a stack of layers, base first, as entries sorted by path. */
export function flatten(layers: Member[][]): RootfsEntry[] {
  const root = directory();
  for (const layer of layers) {
    applyWhiteouts(root, layer);
    applyMembers(root, layer);
  }
  const entries: RootfsEntry[] = [];
  const seen = new Map<Inode["member"], string>();
  const visit = (inode: Inode, path: string) => {
    for (const [name, child] of [...inode.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const below = path === "" ? name : `${path}/${name}`;
      entries.push(entryOf(below, child, seen));
      visit(child, below);
    }
  };
  visit(root, "");
  return entries;
}
