import type { StoreRegistry } from "../registry/store/store-registry.ts";

/** An image of an archive whose contents are stored, not yet part of a repository. */
export interface FoundImage {
  /** As the archive has them. */
  names: readonly string[];
  imageId: string | undefined;
  /** Makes the image part of a repository. */
  put(registry: StoreRegistry, name: string): Promise<{ digest: string; mediaType: string }>;
}
