import type { Changes } from "../../../src/engine/copy/changes.ts";
import { copyInto } from "../../../src/engine/copy/copy.ts";
import type { CopyRequest, CopySource, CopyWarning } from "../../../src/engine/copy/copy-request.ts";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { readChmod } from "../../../src/engine/plan/chmod.ts";
import { readOwner } from "../../../src/engine/plan/owner.ts";
import type { LayerEntry } from "../../../src/layers/entry.ts";
import type { Node, Tree } from "../../../src/rootfs/tree.ts";
import { collect } from "../../../src/streams/collect.ts";
import { SOME_TIME, tree, treeOf } from "../../helpers/tree.ts";

/** The time of the build in these tests. */
const NOW = 2_000_000_000;
export const mtimeOf = (mtime: number | undefined): number => mtime ?? NOW;
export const scratch = tree({});

/** A COPY with defaults. `from` is the context, or with `stage` the tree of a stage. */
export interface CopyCase extends Partial<CopyRequest> {
  from?: Tree;
  stage?: Tree;
  /** Sources, separated by spaces. */
  src?: string;
  dest: string;
  chown?: string;
  chmodText?: string;
  parents?: boolean;
}

/** The planner's request for such a COPY. */
export function request(wanted: CopyCase): CopyRequest {
  const { from, stage, src, dest, chown, chmodText, parents, ...rest } = wanted;
  const sources = (src ?? "").split(" ").filter(Boolean);
  return {
    sources: sources.map((path) => sourceOf(stage ?? from ?? scratch, path, stage !== undefined, parents)),
    dest,
    destIsDirectory: /\/\.?$/.test(dest),
    link: false,
    excludes: [],
    mtimeOf,
    ...(chown !== undefined && { owner: readOwner(chown) }),
    ...(chmodText !== undefined && { chmod: readChmod(chmodText) }),
    ...rest,
  };
}

export function sourceOf(from: Tree, written: string, keepOwner = false, parents = false): CopySource {
  const at = written.indexOf("/./");
  const [pivot, pattern] = at < 0 ? ["/", written] : [written.slice(0, at), written.slice(at + 3)];
  return parents
    ? { tree: from, ref: "source", path: absolute(pivot), parents: pattern, keepOwner }
    : { tree: from, ref: "source", path: absolute(written), keepOwner };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

export async function copy(
  base: Tree,
  wanted: CopyCase,
): Promise<{ changes: Changes; warnings: CopyWarning[] }> {
  return copyInto(base, request(wanted));
}

/** The layer of a COPY, one line per entry. */
export async function layerOf(base: Tree, wanted: CopyCase): Promise<string[]> {
  const { changes } = await copy(base, wanted);
  return linesOf(layerEntries(changes));
}

/** The error message of a COPY that fails. */
export async function errorOf(base: Tree, wanted: CopyCase): Promise<string> {
  try {
    await copy(base, wanted);
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

/**
 * Entries as lines: letter of the type, mode, owner, path, contents or target, and the time stamp when it is not that
 * of the sources.
 */
export async function linesOf(entries: Iterable<LayerEntry>): Promise<string[]> {
  const lines: string[] = [];
  for (const { node, read } of entries) {
    const content = node.type === "file" ? ` "${await textOf(read?.() ?? [])}"` : "";
    const target = node.linkname === undefined ? "" : ` -> ${node.linkname}`;
    const time = node.mtime === SOME_TIME ? "" : node.mtime === NOW ? " now" : ` @${node.mtime}`;
    const mode = node.mode.toString(8).padStart(4, "0");
    lines.push(
      `${LETTERS[node.type]} ${mode} ${node.uid}:${node.gid} ${node.path}${content}${target}${time}`,
    );
  }
  return lines;
}

const LETTERS: Record<Node["type"], string> = {
  file: "f",
  dir: "d",
  symlink: "l",
  hardlink: "h",
  char: "c",
  block: "b",
  fifo: "p",
};

export async function textOf(
  bytes: Uint8Array | AsyncIterable<Uint8Array> | readonly Uint8Array[],
): Promise<string> {
  const source = bytes instanceof Uint8Array ? [bytes] : bytes;
  const chunks = (async function* () {
    yield* source;
  })();
  return new TextDecoder().decode(await collect(chunks, 1 << 20));
}

/**
 * The tree of a base with a layer applied by the rules of the image specification alone. The changes must describe the
 * same tree.
 */
export async function applied(base: Tree, entries: Iterable<LayerEntry>): Promise<Tree> {
  const nodes = new Map<string, Node>([["", base.lookup("") as Node]]);
  const contents = new Map<string, string>();
  for (const node of base.walk("")) {
    nodes.set(node.path, node);
    if (node.type === "file") contents.set(node.path, await textOf(base.read(node)));
  }
  const removeBelow = (path: string): void => {
    for (const other of [...nodes.keys()]) if (other.startsWith(`${path}/`)) nodes.delete(other);
  };
  const own = [...entries];
  for (const { node } of own) {
    const name = node.path.slice(node.path.lastIndexOf("/") + 1);
    if (!name.startsWith(".wh.")) continue;
    const hidden = node.path.slice(0, node.path.length - name.length) + name.slice(4);
    removeBelow(hidden);
    nodes.delete(hidden);
  }
  for (const { node, read } of own) {
    if (node.path.slice(node.path.lastIndexOf("/") + 1).startsWith(".wh.")) continue;
    if (node.type !== "dir") removeBelow(node.path);
    nodes.set(node.path, node);
    if (node.type === "file") contents.set(node.path, await textOf(read?.() ?? []));
  }
  return treeOf(nodes.values(), (node) => contents.get(node.path) ?? "");
}
