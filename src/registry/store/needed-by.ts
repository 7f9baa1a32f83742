import { manifestKey } from "../../oci/content-key.ts";
import { isIndexType } from "../../oci/media-types.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { RegistryError } from "../errors.ts";
import { type ManifestContents, readManifestContents } from "../manifest-contents.ts";
import { listMarkers, type Marker } from "./markers.ts";

/** Manifests read concurrently. */
const BATCH = 6;

/** Finds a manifest of a repository that lists a blob; undefined when there is none. */
export function manifestOfBlob(
  store: ObjectStore,
  name: string,
  digest: string,
): Promise<string | undefined> {
  const lists = ({ blobs }: ManifestContents) => blobs.some((blob) => blob.digest === digest);
  return findManifest(store, name, ({ mediaType }) => !isIndexType(mediaType), lists);
}

/** Finds an index of a repository that lists a manifest; undefined when there is none. */
export function indexOfManifest(
  store: ObjectStore,
  name: string,
  digest: string,
): Promise<string | undefined> {
  const lists = ({ manifests }: ManifestContents) => manifests.some((child) => child.digest === digest);
  return findManifest(store, name, ({ mediaType }) => isIndexType(mediaType), lists);
}

async function findManifest(
  store: ObjectStore,
  name: string,
  isCandidate: (marker: Marker) => boolean,
  lists: (contents: ManifestContents) => boolean,
): Promise<string | undefined> {
  let batch: Marker[] = [];
  const search = async () => {
    const found = await Promise.all(
      batch.map(async (marker) => ((await manifestLists(store, marker, lists)) ? marker.digest : undefined)),
    );
    batch = [];
    return found.find((digest) => digest !== undefined);
  };
  for await (const marker of listMarkers(store, name, "_manifests")) {
    if (!isCandidate(marker)) continue;
    batch.push(marker);
    const found = batch.length === BATCH ? await search() : undefined;
    if (found !== undefined) return found;
  }
  return search();
}

async function manifestLists(
  store: ObjectStore,
  { digest, mediaType }: Marker,
  lists: (contents: ManifestContents) => boolean,
): Promise<boolean> {
  const bytes = await store.getBytes(manifestKey(digest));
  if (bytes === undefined) return false;
  try {
    return lists(readManifestContents(bytes, mediaType));
  } catch (error) {
    // The store may have damaged a manifest after it was pushed. A damaged manifest lists nothing.
    if (error instanceof RegistryError) return false;
    throw error;
  }
}
