import type { Job, JobLayer, JobTree } from "../../../schemas/runner.ts";
import { resolveHardLink } from "../../engine/copy/hard-link.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import { resolvePath } from "../../rootfs/resolve.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import { type HeldStack, holdStack } from "../snapshots/layer-stack.ts";
import { extractMembers } from "../snapshots/unpack.ts";
import { entryMembers } from "./entry-members.ts";
import type { RunnerContext } from "./runner-context.ts";

/** The file systems that a job reads. They are released when the job cleans up. */
export class TaskTrees {
  readonly #job: Job;
  readonly #context: RunnerContext;
  readonly #signal: AbortSignal;
  readonly #cleanup: AsyncDisposableStack;

  constructor(job: Job, context: RunnerContext, signal: AbortSignal, cleanup: AsyncDisposableStack) {
    this.#job = job;
    this.#context = context;
    this.#signal = signal;
    this.#cleanup = cleanup;
  }

  /** A stack of layers on this machine, for a mount. */
  async stack(layers: readonly JobLayer[]): Promise<HeldStack> {
    const { store, service } = this.#context;
    const fetchBlob = (digest: string, signal: AbortSignal) => service.blob(this.#job, digest, signal);
    const stack = await holdStack(store, layers, fetchBlob, this.#signal);
    this.#cleanup.defer(() => stack.release());
    return stack;
  }

  /** The files of a tree. Those of a context are fetched when they are read. */
  async open(tree: JobTree): Promise<Tree> {
    if ("layers" in tree) return (await this.stack(tree.layers)).tree();
    return this.#context.service.context(this.#job, tree, this.#signal);
  }

  /** Directories on this machine that contain `source` of a tree, and its path in them. */
  async mounted(
    tree: JobTree,
    source: string,
  ): Promise<Pick<HeldStack, "paths" | "root"> & { source: string }> {
    if ("layers" in tree) {
      const { paths, root } = await this.stack(tree.layers);
      return { paths, root, source };
    }
    const files = await this.open(tree);
    const { path } = resolvePath(files, source);
    const { store } = this.#context;
    const identity = sha256Hex(JSON.stringify([tree, path]));
    const directory = await store.holdOrMake(`context-${identity}`, this.#signal, (into) => {
      const options = { prefix: store.prefix, signal: this.#signal };
      return extractMembers(entryMembers(partOf(files, path)), into, options);
    });
    this.#cleanup.defer(() => directory.release());
    return { paths: [directory.path], root: directory.record.root, source: `/${path}` };
  }
}

/**
 * An entry and everything below it, with its parent directories, all owned by root, as the files of a context are. Further
 * names of a file become hard links to its first.
 */
function* partOf(tree: Tree, path: string): Generator<LayerEntry> {
  const firstNames = new Map<string, string>();
  const entry = (node: Node): LayerEntry => {
    // The target of a hard link may be elsewhere.
    const file = resolveHardLink(tree, node);
    const owned = { ...file, path: node.path, uid: 0, gid: 0 };
    if (file.type !== "file") return { node: owned };
    const first = firstNames.get(file.path);
    if (first !== undefined) return { node: { ...owned, type: "hardlink", size: 0, linkname: first } };
    firstNames.set(file.path, node.path);
    return { node: owned };
  };
  const names = path.split("/");
  for (let depth = 1; path !== "" && depth <= names.length; depth++) {
    const node = tree.lookup(names.slice(0, depth).join("/"));
    if (node !== undefined) yield entry(node);
  }
  for (const node of tree.walk(path)) yield entry(node);
}
