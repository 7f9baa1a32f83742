import { requireDigest } from "./digest.ts";

/** The key of a blob in the object store, for all repositories. @throws {Error} */
export function blobKey(digest: string): string {
  return contentKey("blobs", digest);
}

/** The key of a manifest in the object store. @throws {Error} */
export function manifestKey(digest: string): string {
  return contentKey("manifests", digest);
}

function contentKey(folder: string, digest: string): string {
  const { algorithm, encoded } = requireDigest(digest);
  return `${folder}/${algorithm}/${encoded}`;
}
