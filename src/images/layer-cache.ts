import type { StoredLayer } from "../layers/toc.ts";

/**
 * Tables of contents that were read lately. They are content addressed, so whoever may see a layer may be given one
 * that was read for somebody else. Contents must not be read through them: see `readFile`.
 */
export class LayerCache {
  readonly #most: number;
  /** The least recently used first. */
  readonly #layers = new Map<string, StoredLayer>();
  #entries = 0;

  /** @param most entries of all tables together, of some 200 bytes each */
  constructor(most: number) {
    this.#most = most;
  }

  get(digest: string): StoredLayer | undefined {
    const layer = this.#layers.get(digest);
    if (layer === undefined) return undefined;
    this.#layers.delete(digest);
    this.#layers.set(digest, layer);
    return layer;
  }

  add(layer: StoredLayer): void {
    if (this.#layers.has(layer.digest) || layer.tree.size > this.#most) return;
    this.#layers.set(layer.digest, layer);
    this.#entries += layer.tree.size;
    for (const [digest, { tree }] of this.#layers) {
      if (this.#entries <= this.#most) break;
      this.#layers.delete(digest);
      this.#entries -= tree.size;
    }
  }
}
