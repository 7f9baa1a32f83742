import type { EventBody } from "../../schemas/events.ts";
import { formatReference } from "../oci/reference.ts";
import { RegistryError } from "../registry/errors.ts";
import type { ResolvedImage } from "../registry/image-resolver.ts";
import type { Tree } from "../rootfs/tree.ts";
import { BuildError } from "./errors.ts";
import { fixedEpoch } from "./execute.ts";
import { type BuildContexts, contextOf } from "./keyed-step.ts";
import type { LayerWriter } from "./layer-writer.ts";
import type { FileState } from "./plan/step.ts";
import { type Snapshot, Snapshots } from "./snapshots.ts";
import type { World } from "./world.ts";

export type Emit = (event: EventBody) => void;

/** What goes along with carrying a build out. */
export interface Run {
  emit: Emit;
  /** Stops between two files. */
  signal: AbortSignal;
}

/** The file systems of one build: of its images and contexts, and of its steps as they are carried out. */
export class BuildTrees {
  readonly #images: readonly ResolvedImage[];
  readonly #contexts: BuildContexts;
  readonly #world: World;
  readonly #writer: LayerWriter;
  readonly #run: Run;
  readonly #prefix: string;
  readonly snapshots: Snapshots;
  readonly #results = new Map<number, Snapshot>();
  readonly #fetched = new Map<number, Promise<void>>();
  readonly #contextLayers = new Map<string | undefined, Promise<Snapshot>>();

  constructor(
    images: readonly ResolvedImage[],
    contexts: BuildContexts,
    world: World,
    writer: LayerWriter,
    run: Run,
    prefix: string,
  ) {
    this.#images = images;
    this.#contexts = contexts;
    this.#world = world;
    this.#writer = writer;
    this.#run = run;
    this.#prefix = prefix;
    this.snapshots = new Snapshots(world.store);
  }

  /** What a step left, known once `finish` has told it. */
  async snapshot(state: FileState): Promise<Snapshot> {
    switch (state.kind) {
      case "scratch":
        return this.snapshots.scratch;
      case "image":
        return this.snapshots.image(this.#image(state.image), () => this.fetch(state.image));
      case "step":
        return this.#results.get(state.step) as Snapshot;
      case "context":
        return this.#contextSnapshot(state.name);
    }
  }

  async tree(state: FileState): Promise<Tree> {
    if (state.kind === "context") return contextOf(this.#contexts, state.name).tree;
    return (await this.snapshot(state)).tree();
  }

  finish(step: number, snapshot: Snapshot): void {
    this.#results.set(step, snapshot);
  }

  /** Sees to it that the layers of an image are stored; each image is fetched once. */
  fetch(index: number): Promise<void> {
    let fetched = this.#fetched.get(index);
    if (fetched === undefined) {
      fetched = this.#fetchLayers(index);
      this.#fetched.set(index, fetched);
    }
    return fetched;
  }

  async #fetchLayers(index: number): Promise<void> {
    const { emit, signal } = this.#run;
    const { reference, manifest } = this.#image(index);
    const step = imageStep(this.#prefix, index);
    const began = Date.now();
    emit({ type: "step.start", step });
    for (const { digest, size, ...layer } of manifest.layers) {
      signal.throwIfAborted();
      await this.#world.images.ensureBlob(reference, { digest, size, ...layer }).catch((cause: unknown) => {
        if (!(cause instanceof RegistryError)) throw cause;
        const name = formatReference(reference);
        throw new BuildError("base-unavailable", `failed to fetch ${name}: ${cause.message}`, { cause });
      });
      emit({ type: "step.progress", step, message: digest, current: size, total: size });
    }
    const milliseconds = Date.now() - began;
    emit({ type: "step.done", step, reused: false, milliseconds, why: "", differences: [] });
  }

  /** A context that stands in the place of an image: one layer with all its files. */
  #contextSnapshot(name: string | undefined): Promise<Snapshot> {
    let snapshot = this.#contextLayers.get(name);
    if (snapshot === undefined) {
      const { tree } = contextOf(this.#contexts, name);
      const entries = function* () {
        for (const node of tree.walk("")) yield { node: { ...node, uid: 0, gid: 0, mtime: fixedEpoch } };
      };
      snapshot = this.#writer
        .write({ entries, warnings: [] }, undefined, this.#run.signal, () => {})
        .then(({ record }) => this.snapshots.extend(this.snapshots.scratch, record));
      this.#contextLayers.set(name, snapshot);
    }
    return snapshot;
  }

  #image(index: number): ResolvedImage {
    return this.#images[index] as ResolvedImage;
  }
}

/** Id under which events tell of an image that is fetched. */
export function imageStep(prefix: string, index: number): string {
  return `${prefix}image-${index}`;
}
