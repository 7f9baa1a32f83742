/** A layer of an image, by its chainID, with the bytes of its files. */
export interface SizedLayer {
  chain: string;
  size: number;
}

/** Sizes of images as docker counts them, in bytes of unpacked layers. */
export interface ImageSizes {
  /** By ID of image: all layers, and those that another image has too. */
  images: ReadonlyMap<string, { size: number; shared: number }>;
  /** All layers, each once. */
  total: number;
}

/** @param images layers by ID of image */
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
