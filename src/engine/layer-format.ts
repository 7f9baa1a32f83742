import type { BuildOptions } from "../../schemas/options.ts";
import type { LayerCompression } from "../layers/toc.ts";

/** Higher levels gain little for the time they take: see docs/performance.md. */
export const compressionLevels = { gzip: 4, zstd: 3 } as const;
const HIGHEST = { gzip: 9, zstd: 22 } as const;

/** How the layers of a build are compressed. A level above the highest of its compression is the highest. */
export function layerFormat({
  compression,
  compressionLevel,
}: Pick<BuildOptions, "compression" | "compressionLevel">): { compression: LayerCompression; level: number } {
  const level = Math.min(compressionLevel ?? compressionLevels[compression], HIGHEST[compression]);
  return { compression, level };
}
