import type { BuildOptions } from "../../schemas/options.ts";
import type { LayerCompression } from "../layers/toc.ts";

/** Higher levels gain little for the time they need: see docs/performance.md. */
export const compressionLevels = { gzip: 4, zstd: 3 } as const;
const MAX_LEVELS = { gzip: 9, zstd: 22 } as const;

/** The compression of a build's layers. Too high levels are reduced to the highest of the compression. */
export function layerFormat({
  compression,
  compressionLevel,
}: Pick<BuildOptions, "compression" | "compressionLevel">): { compression: LayerCompression; level: number } {
  const level = Math.min(compressionLevel ?? compressionLevels[compression], MAX_LEVELS[compression]);
  return { compression, level };
}
