/** A layer, identified by its chainID, with the bytes of its files. */
export interface SizedLayer {
  chain: string;
  size: number;
}

/** Sizes of images as docker counts them, in bytes of unpacked layers. */
export interface ImageSizes {
  /** By image ID: bytes of all layers, and of layers that another image has, too. */
  images: ReadonlyMap<string, { size: number; shared: number }>;
  /** Bytes of all layers, each counted once. */
  total: number;
}

/** @param images layers by image ID */
export function sizesOfImages(images: ReadonlyMap<string, readonly SizedLayer[]>): ImageSizes {
  const uses = new Map<string, { size: number; count: number }>();
  for (const layers of images.values()) {
    for (const { chain, size } of layers) {
      uses.set(chain, { size, count: (uses.get(chain)?.count ?? 0) + 1 });
    }
  }
  const isShared = ({ chain }: SizedLayer) => (uses.get(chain)?.count ?? 0) > 1;
  return {
    images: new Map(
      [...images].map(([id, layers]) => [
        id,
        { size: sumOf(layers), shared: sumOf(layers.filter(isShared)) },
      ]),
    ),
    total: sumOf([...uses.values()]),
  };
}

function sumOf(sized: readonly { size: number }[]): number {
  return sized.reduce((sum, { size }) => sum + size, 0);
}
