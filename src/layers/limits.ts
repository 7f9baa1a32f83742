import type { DecompressOptions } from "../compression/decompress.ts";
import type { TarOptions } from "../tar/read.ts";

/** Limits of a foreign layer. The largest images in use have layers of some 20 GiB. */
export const LAYER_LIMITS = {
  maxBytes: 32 * 2 ** 30,
  maxEntries: 1_000_000,
} as const satisfies TarOptions & DecompressOptions;
