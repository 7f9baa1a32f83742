import type { Context } from "../../src/context/context.ts";
import { ContextBuilder } from "../../src/context/context-builder.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";

/** Files of a context by path; a text is a file of mode 0644. */
export type ContextFiles = Record<string, string | ContextFile>;

/** `tarEntries` and `compression` describe the content of `base64` and are not read. */
interface ContextFile {
  content?: string;
  base64?: string;
  symlink?: string;
  /** Path in the context. */
  hardlink?: string;
  dir?: boolean;
  fifo?: boolean;
  socket?: boolean;
  /** Octal. */
  mode?: string;
  uid?: number;
  gid?: number;
  /** Seconds since 1970. */
  mtime?: number;
  /** Values as text. */
  xattrs?: Record<string, string>;
}

/** Time of files without an `mtime`. */
const USUAL_TIME = 1_600_000_000;

/** Stores files like a context that was uploaded. Sockets are omitted, as archives have none. */
export async function caseContext(store: ObjectStore, files: ContextFiles): Promise<Context> {
  const builder = new ContextBuilder(store);
  const given = new Map(
    Object.entries(files).map(([path, file]) => [path, typeof file === "string" ? { content: file } : file]),
  );
  for (const path of parents(given.keys())) if (!given.has(path)) given.set(path, { dir: true });
  // The target of a hard link comes before the link.
  const sorted = [...given].sort(([, a], [, b]) => Number("hardlink" in a) - Number("hardlink" in b));
  for (const [path, file] of sorted) {
    if (file.socket) continue;
    const node = nodeOf(path, file);
    if (node.type === "file") builder.add(node, await builder.store(bytesOf(file)));
    else builder.add(node);
  }
  return builder.finish();
}

function nodeOf(path: string, file: ContextFile): Node {
  const { uid = 0, gid = 0, mtime = USUAL_TIME, mode, symlink, hardlink, xattrs } = file;
  const type = typeOf(file);
  const linkname = symlink ?? hardlink;
  const usualMode = type === "dir" ? "0755" : type === "symlink" ? "0777" : "0644";
  return {
    path,
    type,
    mode: Number.parseInt(mode ?? usualMode, 8),
    uid,
    gid,
    mtime,
    size: 0,
    ...(linkname !== undefined && { linkname }),
    ...(xattrs !== undefined && {
      xattrs: Object.fromEntries(
        Object.entries(xattrs).map(([name, value]) => [name, Buffer.from(value).toString("base64")]),
      ),
    }),
  };
}

function typeOf({ symlink, hardlink, dir, fifo }: ContextFile): Node["type"] {
  if (symlink !== undefined) return "symlink";
  if (hardlink !== undefined) return "hardlink";
  if (dir) return "dir";
  return fifo ? "fifo" : "file";
}

function bytesOf({ content = "", base64 }: ContextFile): Uint8Array {
  return base64 === undefined ? Buffer.from(content) : Buffer.from(base64, "base64");
}

function parents(paths: Iterable<string>): Set<string> {
  const found = new Set<string>();
  for (const path of paths) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) found.add(path.slice(0, at));
  }
  return found;
}
