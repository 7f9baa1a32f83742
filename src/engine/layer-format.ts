import type { BuildOptions } from "../../schemas/options.ts";
import { DEFAULT_LEVELS } from "../layers/compress.ts";
import type { LayerCompression } from "../layers/toc.ts";

const MAX_LEVELS = { gzip: 9, zstd: 22 } as const;

/** The compression of a build's layers. Reduces a level that is too high to the maximum. */
export function layerFormat({
  compression,
  compressionLevel,
}: Pick<BuildOptions, "compression" | "compressionLevel">): { compression: LayerCompression; level: number } {
  const level = Math.min(compressionLevel ?? DEFAULT_LEVELS[compression], MAX_LEVELS[compression]);
  return { compression, level };
}
