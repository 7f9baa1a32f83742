import { requireDigest } from "./digest.ts";

/** Where a blob lies in the object store, whichever repositories have it. @throws InvalidDigestError */
export function blobKey(digest: string): string {
  return contentKey("blobs", digest);
}

/** Where a manifest lies in the object store. @throws InvalidDigestError */
export function manifestKey(digest: string): string {
  return contentKey("manifests", digest);
}

function contentKey(folder: string, digest: string): string {
  const { algorithm, encoded } = requireDigest(digest);
  return `${folder}/${algorithm}/${encoded}`;
}
