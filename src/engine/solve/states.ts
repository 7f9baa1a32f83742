import { openOrIngestLayer } from "../../layers/ingest.ts";
import { isLayerRefusal } from "../../layers/refusal.ts";
import { type OpenLayer, openLayer, scopedTocKey, tocKey } from "../../layers/toc.ts";
import { chainId } from "../../oci/chain-id.ts";
import type { EntryTable } from "../../rootfs/entry-table.ts";
import { mergeLayers } from "../../rootfs/merge.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { forEachConcurrently } from "../../store/for-each-concurrently.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { BuildError } from "../errors.ts";
import type { RunnerSnapshot } from "../run/runners.ts";
import { type LayerRecord, layerIdentity } from "./step-cache.ts";

interface StateLayerOptions {
  /** The name of the layer in the keys of later steps. Layers of COPY or ADD with equal files have equal identities. */
  identity: string;
  /** Whether only the scope of the build trusts the layer. */
  isConfined: boolean;
  /** Whether the result depends on secrets or cache mounts of the scope, or on other runners that only the scope trusts. */
  isScoped?: boolean;
  /** The snapshot, when a runner holds the layer. */
  snapshot?: RunnerSnapshot;
  /** Opens the tree of a layer of the server that is not stored yet. */
  tree?: () => Promise<EntryTable>;
  store: () => Promise<LayerRecord>;
}

/**
 * The changes of one step: a stored blob, a snapshot on a runner, or both. The blob is written on first use.
 */
export class StateLayer {
  #options: StateLayerOptions;
  #record: LayerRecord | undefined;
  #storing: Promise<LayerRecord> | undefined;
  #snapshot: RunnerSnapshot | undefined;
  #tree: Promise<EntryTable> | undefined;

  constructor(options: StateLayerOptions) {
    this.#options = options;
    this.#snapshot = options.snapshot;
  }

  /** Creates a layer from a stored blob. */
  static of(record: LayerRecord): StateLayer {
    const { confined = false } = record;
    const identity = layerIdentity(record);
    const layer = new StateLayer({ identity, isConfined: confined, store: async () => record });
    layer.#record = record;
    return layer;
  }

  get identity(): string {
    return this.#options.identity;
  }

  get isConfined(): boolean {
    return this.#options.isConfined;
  }

  get isScoped(): boolean {
    return this.#options.isScoped ?? false;
  }

  /** The blob; undefined while it is not stored. */
  get record(): LayerRecord | undefined {
    return this.#record;
  }

  get snapshot(): RunnerSnapshot | undefined {
    return this.#snapshot;
  }

  /** Whether a runner lost the layer before it was stored. */
  get isLost(): boolean {
    return this.#options.snapshot !== undefined && this.#snapshot === undefined && this.#record === undefined;
  }

  /** Whether only a runner has the layer. */
  get isOnlyHeld(): boolean {
    return this.#record === undefined && this.#snapshot !== undefined;
  }

  /** The tree of a layer that is not stored; undefined when only a runner has it. */
  get draft(): Promise<EntryTable> | undefined {
    this.#tree ??= this.#options.tree?.();
    return this.#tree;
  }

  /** Stores the blob, unless it is stored or being stored. After a failure, the next call tries again. */
  ensureStored(): Promise<LayerRecord> {
    this.#storing ??= this.#options.store().then(
      (record) => {
        this.#record = record;
        this.#forgetEntries();
        return record;
      },
      (error: unknown) => {
        this.#storing = undefined;
        throw error;
      },
    );
    return this.#storing;
  }

  /** Drops the entries in memory. They are read from the blob afterwards. */
  #forgetEntries(): void {
    const { tree: _, ...options } = this.#options;
    this.#options = { ...options, store: () => this.ensureStored() };
    this.#tree = undefined;
  }

  /** Records that the runner no longer holds the layer. */
  loseSnapshot(): void {
    this.#snapshot = undefined;
  }
}

/** The file system that a step starts from or ends with: a stack of layers, whose tree is opened on demand. */
export class FileSystemState {
  /** Lowest first. */
  readonly layers: readonly StateLayer[];
  /** Identity of the files, computed from the layers' identities like a chainID from diffIDs; empty for no layers. */
  readonly identity: string;
  readonly #open: () => Promise<Tree>;
  #tree: Promise<Tree> | undefined;

  constructor(layers: readonly StateLayer[], open: () => Promise<Tree>) {
    this.layers = layers;
    this.identity = chainId(layers.map(({ identity }) => identity)) ?? "";
    this.#open = open;
  }

  /** Whether some layer exists only on a runner. */
  get isHeld(): boolean {
    return this.layers.some(({ isOnlyHeld }) => isOnlyHeld);
  }

  /** Whether every layer is stored. */
  get isStored(): boolean {
    return this.layers.every(({ record }) => record !== undefined);
  }

  get isConfined(): boolean {
    return this.layers.some(({ isConfined }) => isConfined);
  }

  /** The complete tree. Layers that only a runner has are stored first. */
  tree(): Promise<Tree> {
    this.#tree ??= this.#open();
    return this.#tree;
  }
}

/** Creates states and opens their trees. Reads the table of contents of each layer once. */
export class States {
  readonly #store: ObjectStore;
  readonly #scope: string;
  readonly #opened = new Map<string, Promise<OpenLayer>>();
  readonly scratch = this.of([]);

  /** @param scope of the build, whose confined layers may have their own tables of contents */
  constructor(store: ObjectStore, scope: string) {
    this.#store = store;
    this.#scope = scope;
  }

  /** A state with one more layer on top. */
  extend(parent: FileSystemState, layer: StateLayer): FileSystemState {
    return this.of([...parent.layers, layer]);
  }

  /** The state of a stack of layers, lowest first. */
  of(layers: readonly StateLayer[]): FileSystemState {
    return new FileSystemState(layers, async () =>
      mergeLayers(await Promise.all(layers.map((layer) => this.#tree(layer)))),
    );
  }

  async #tree(layer: StateLayer): Promise<EntryTable> {
    const draft = layer.record === undefined ? layer.draft : undefined;
    return (await draft) ?? (await this.#openLayer(await layer.ensureStored())).tree;
  }

  #openLayer(record: LayerRecord): Promise<OpenLayer> {
    const { digest } = record.layer;
    let opened = this.#opened.get(digest);
    if (opened === undefined) {
      opened = readLayer(this.#store, this.#scope, record);
      this.#opened.set(digest, opened);
    }
    return opened;
  }
}

/**
 * Creates missing tables of contents: those of base images from other registries that only runners have read.
 * @throws {BuildError} `base-unavailable`
 */
export async function indexLayers(
  store: ObjectStore,
  scope: string,
  layers: readonly LayerRecord[],
  signal: AbortSignal,
): Promise<void> {
  const missing: LayerRecord[] = [];
  await forEachConcurrently(layers, async (record) => {
    if (record.confined) return;
    if ((await store.head(tocKey(record.layer.digest))) === undefined) missing.push(record);
  });
  for (const record of missing) {
    signal.throwIfAborted();
    await readLayer(store, scope, record);
  }
}

/**
 * The entries of a stored layer.
 * @param scope of the build, whose confined layers may have their own tables of contents
 * @throws {BuildError} `base-unavailable`
 */
export async function readLayer(
  store: ObjectStore,
  scope: string,
  { layer, diffId, confined }: LayerRecord,
): Promise<OpenLayer> {
  const { digest } = layer;
  const own = confined && (await openLayer(store, digest, scopedTocKey(scope, digest)));
  if (own) return own;
  try {
    return await openOrIngestLayer(store, { ...layer, diffId });
  } catch (cause) {
    if (!isLayerRefusal(cause)) throw cause;
    const message = `failed to read layer ${digest}: ${cause.message}`;
    throw new BuildError("base-unavailable", message, { cause });
  }
}
