import { createHash, randomUUID } from "node:crypto";
import type { JobLayer, JobTree, LayerTask, RunTask, Task } from "../../schemas/runner.ts";
import { contextView } from "../../src/context/context-view.ts";
import { openContext } from "../../src/context/store.ts";
import { CopyError } from "../../src/engine/copy/copy-error.ts";
import {
  type FoundSnapshot,
  RunnerFailure,
  type RunnerPool,
  type RunnerSnapshot,
  SnapshotsLostError,
  type TaskOptions,
  type TaskOutcome,
} from "../../src/engine/run/runners.ts";
import { copyFiles, runEntries, selectFiles } from "../../src/engine/run/task-work.ts";
import { entriesTree } from "../../src/layers/entries-tree.ts";
import type { LayerEntry } from "../../src/layers/entry.ts";
import { openOrIngestLayer } from "../../src/layers/ingest.ts";
import { storeLayer } from "../../src/layers/store.ts";
import { openLayer } from "../../src/layers/toc.ts";
import { writeLayer } from "../../src/layers/write.ts";
import type { EntryTable } from "../../src/rootfs/entry-table.ts";
import { mergeLayers } from "../../src/rootfs/merge.ts";
import type { Tree } from "../../src/rootfs/tree.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";

/** Runs a process and returns the upper directory of its overlay file system. */
export type Process = (task: RunTask, base: Tree) => Promise<Tree> | Tree;

/** A runner that keeps its snapshots in memory. Its processes are functions. */
export class MemoryRunner implements RunnerPool {
  readonly #store: ObjectStore;
  readonly #process: Process;
  readonly #snapshots = new Map<string, EntryTable>();
  readonly #names = new Map<string, string>();
  readonly id = randomUUID();
  isConfined = false;
  /** The size that it reports for the snapshot of each RUN. */
  snapshotBytes = 0;
  /** Executed processes, in the order of their start. */
  readonly runs: RunTask[] = [];

  constructor(store: ObjectStore, process: Process) {
    this.#store = store;
    this.#process = process;
  }

  async find(names: readonly string[]): Promise<Map<string, FoundSnapshot>> {
    const found = new Map<string, FoundSnapshot>();
    for (const name of names) {
      const id = this.#names.get(name);
      if (id === undefined || !this.#snapshots.has(id)) continue;
      found.set(name, { runner: this.id, id, bytes: 0, isConfined: this.isConfined, isTransient: false });
    }
    return found;
  }

  async keep({ id }: RunnerSnapshot, names: readonly string[]): Promise<void> {
    for (const name of names) this.#names.set(name, id);
  }

  /** Removes snapshots, like a runner without room. */
  lose(): void {
    this.#snapshots.clear();
  }

  async execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    { watcher }: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    watcher.signal.throwIfAborted();
    try {
      const result = await this.#execute(task, watcher.signal);
      return { result, runner: this.id, isConfined: this.isConfined, isTransient: false } as TaskOutcome<K>;
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      const { code, message, hint, words } = error;
      throw new RunnerFailure({
        reason: "copy",
        message,
        code: code === "source-not-found" ? code : "copy-failed",
        words: [...words],
        ...(hint !== undefined && { hint }),
      });
    }
  }

  async #execute(task: Task, signal: AbortSignal) {
    const open = (tree: JobTree) => this.#open(tree);
    switch (task.kind) {
      case "run": {
        this.runs.push(task);
        const base = await this.#open(task);
        const upper = await this.#process(task, base);
        signal.throwIfAborted();
        const mounted = task.mounts.flatMap(({ target }) => target ?? []);
        const times = { timestamps: "preserve" as const, epoch: 0 };
        const snapshot = await this.#add(await runEntries({ times }, upper, base, mounted));
        return { kind: "run", snapshot, bytes: this.snapshotBytes, milliseconds: 0 };
      }
      case "copy": {
        const last = task.last && (await openLayer(this.#store, task.last.digest, task.last.toc));
        const { entries, warnings } = await copyFiles(task, open, last?.tree);
        return { kind: "copy", snapshot: await this.#add(entries()), bytes: 0, warnings: [...warnings] };
      }
      case "select":
        return { kind: "select", digests: await selectFiles(task, open, async () => {}) };
      case "layer":
        return { kind: "layer", layer: await this.#write(task) };
    }
  }

  async #write({ snapshot, compression, level, times }: LayerTask) {
    const table = this.#snapshot(snapshot);
    const entries = [...table.walk("")].map((node): LayerEntry => {
      return { node: times.timestamps === "fixed" ? { ...node, mtime: 315_532_800 } : node };
    });
    const draft = await writeLayer(entries, { compression, level, spool: this.#store });
    const { mediaType, digest, size, diffId } = await storeLayer(this.#store, draft);
    return { mediaType, digest, size, diffId };
  }

  async #add(entries: Iterable<LayerEntry>): Promise<string> {
    const id = `snapshot:${createHash("sha256").update(randomUUID()).digest("hex")}`;
    this.#snapshots.set(id, await entriesTree(entries));
    return id;
  }

  #snapshot(id: string): EntryTable {
    const snapshot = this.#snapshots.get(id);
    if (snapshot === undefined) throw new SnapshotsLostError(this.id, [id]);
    return snapshot;
  }

  async #open(tree: JobTree): Promise<Tree> {
    if ("context" in tree) {
      const context = await openContext(this.#store, tree.context, tree.copy);
      if (context === undefined) throw new Error(`there is no context ${tree.context}`);
      return contextView(context.tree, tree);
    }
    return mergeLayers(await Promise.all(tree.layers.map((layer) => this.#layer(layer))));
  }

  async #layer(layer: JobLayer): Promise<EntryTable> {
    if ("snapshot" in layer) return this.#snapshot(layer.snapshot);
    return (await openOrIngestLayer(this.#store, layer)).tree;
  }
}
