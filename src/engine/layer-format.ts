import type { BuildOptions } from "../../schemas/options.ts";
import type { LayerCompression } from "../layers/toc.ts";

/** Default levels. Higher ones save few bytes for the time that they take: see docs/performance.md. */
export const DEFAULT_LEVELS = { gzip: 4, zstd: 3 } as const;
const MAX_LEVELS = { gzip: 9, zstd: 22 } as const;

/** The compression of a build's layers. Reduces a level that is too high to the maximum. */
export function layerFormat({
  compression,
  compressionLevel,
}: Pick<BuildOptions, "compression" | "compressionLevel">): { compression: LayerCompression; level: number } {
  const level = Math.min(compressionLevel ?? DEFAULT_LEVELS[compression], MAX_LEVELS[compression]);
  return { compression, level };
}
