import type { Repository } from "../registry/store/store-registry.ts";

/** An image of an archive whose contents are stored, not yet part of a repository. */
export interface FoundImage {
  /** As the archive has them. */
  names: readonly string[];
  imageId: string | undefined;
  /** Makes it part of a repository; gives digest and media type. */
  put(repository: Repository): Promise<{ digest: string; mediaType: string }>;
}
