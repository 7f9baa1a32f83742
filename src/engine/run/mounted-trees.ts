import type { LayerEntry } from "../../layers/entry.ts";
import { resolvePath } from "../../rootfs/resolve.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import type { BuildTrees } from "../build-trees.ts";
import type { MtimeRule } from "../copy/changes.ts";
import { resolveHardLink } from "../copy/hard-link.ts";
import { namesOf } from "../copy/root-path.ts";
import type { LayerWriter } from "../layer-writer.ts";
import type { FileState } from "../plan/step.ts";
import type { LayerRecord } from "../step-cache.ts";

/** Layers, and which path of the files they make is mounted. */
export interface Mounted {
  layers: readonly LayerRecord[];
  /** Absolute. */
  source: string;
}

/** The files that mounts of RUN show, as layers that a runner can fetch. */
export class MountedTrees {
  readonly #trees: BuildTrees;
  readonly #writer: LayerWriter;
  readonly #mtimeOf: MtimeRule;
  readonly #signal: AbortSignal;

  constructor(trees: BuildTrees, writer: LayerWriter, mtimeOf: MtimeRule, signal: AbortSignal) {
    this.#trees = trees;
    this.#writer = writer;
    this.#mtimeOf = mtimeOf;
    this.#signal = signal;
  }

  /** What lies at an absolute path of a tree; of a context only that is made a layer. */
  async mounted(from: FileState, source: string): Promise<Mounted> {
    if (from.kind === "context") return this.#contextPart(await this.#trees.tree(from), source);
    const snapshot = await this.#trees.snapshot(from);
    // Opening it sees to it that the layers are stored.
    await snapshot.tree();
    return { layers: snapshot.layers, source };
  }

  async #contextPart(tree: Tree, source: string): Promise<Mounted> {
    const { path } = resolvePath(tree, namesOf(source).join("/"));
    const entries = () => partOf(tree, path, this.#mtimeOf);
    const { record } = await this.#writer.write({ entries, warnings: [] }, undefined, this.#signal, () => {});
    return { layers: [record], source: `/${path}` };
  }
}

/** An entry and all below it, owned by root as the files of a context are, with the directories that lead to it. */
function* partOf(tree: Tree, path: string, mtimeOf: MtimeRule): Generator<LayerEntry> {
  const entry = (node: Node): LayerEntry => {
    // Its target may lie elsewhere.
    const file = resolveHardLink(tree, node);
    return { node: { ...file, path: node.path, uid: 0, gid: 0, mtime: mtimeOf(file.mtime) } };
  };
  const names = path.split("/");
  for (let depth = 1; path !== "" && depth <= names.length; depth++) {
    const node = tree.lookup(names.slice(0, depth).join("/"));
    if (node !== undefined) yield entry(node);
  }
  for (const node of tree.walk(path)) yield entry(node);
}
