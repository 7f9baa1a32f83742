import { openOrIngestLayer } from "../layers/ingest.ts";
import { isLayerRefusal } from "../layers/refusal.ts";
import type { StoredLayer } from "../layers/toc.ts";
import { chainId } from "../oci/chain-id.ts";
import { ociLayerType } from "../oci/layer-type.ts";
import type { ResolvedImage } from "../registry/image-resolver.ts";
import { mergeLayers } from "../rootfs/merge.ts";
import type { Tree } from "../rootfs/tree.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { BuildError } from "./errors.ts";
import type { LayerRecord } from "./step-cache.ts";

/** A file system that a step starts from or leaves: a stack of layers whose tree is opened when it is asked for. */
export class Snapshot {
  /** All layers, the lowest first. */
  readonly layers: readonly LayerRecord[];
  /** Identity of the files (image-spec, config.md, "Layer ChainID"); empty for no layers. */
  readonly chainId: string;
  readonly #open: () => Promise<Tree>;
  #tree: Promise<Tree> | undefined;

  constructor(layers: readonly LayerRecord[], open: () => Promise<Tree>) {
    this.layers = layers;
    this.chainId = chainId(layers.map(({ diffId }) => diffId)) ?? "";
    this.#open = open;
  }

  tree(): Promise<Tree> {
    this.#tree ??= this.#open();
    return this.#tree;
  }
}

/** Opens layers and the trees they make; each layer's table of contents is read once. */
export class Snapshots {
  readonly #store: ObjectStore;
  readonly #opened = new Map<string, Promise<StoredLayer>>();
  readonly scratch = new Snapshot([], async () => mergeLayers([]));

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** A snapshot with one more layer on top. */
  extend(parent: Snapshot, record: LayerRecord): Snapshot {
    return this.#stack([...parent.layers, record]);
  }

  /** All layers of an image; `fetch` sees to it that they are stored when the tree is asked for. */
  image(image: ResolvedImage, fetch: () => Promise<void>): Snapshot {
    const layers = image.manifest.layers.map(({ digest, size, mediaType }, index): LayerRecord => {
      const diffId = image.config.rootfs.diff_ids[index] as string;
      return { layer: { mediaType: ociLayerType(mediaType), digest, size }, diffId };
    });
    return this.#stack(layers, fetch);
  }

  #stack(layers: readonly LayerRecord[], before?: () => Promise<void>): Snapshot {
    return new Snapshot(layers, async () => {
      await before?.();
      const opened: StoredLayer[] = [];
      for (const record of layers) opened.push(await this.#layer(record));
      return mergeLayers(opened.map(({ tree }) => tree));
    });
  }

  #layer({ layer, diffId }: LayerRecord): Promise<StoredLayer> {
    const known = this.#opened.get(layer.digest);
    if (known !== undefined) return known;
    const { digest, size, mediaType } = layer;
    const opened = openOrIngestLayer(this.#store, { digest, size, mediaType, diffId }).catch(
      (cause: unknown) => {
        if (!isLayerRefusal(cause)) throw cause;
        const message = `failed to read layer ${digest}: ${cause.message}`;
        throw new BuildError("base-unavailable", message, { cause });
      },
    );
    this.#opened.set(digest, opened);
    return opened;
  }
}
