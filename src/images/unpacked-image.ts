import type { StoreRegistry } from "../registry/store/store-registry.ts";

/** An image from an archive. Its contents are stored, but not yet in a repository. */
export interface UnpackedImage {
  /** The names in the archive. */
  names: readonly string[];
  imageId: string | undefined;
  /** Adds the image to a repository. */
  put(registry: StoreRegistry, name: string): Promise<{ digest: string; mediaType: string }>;
}
