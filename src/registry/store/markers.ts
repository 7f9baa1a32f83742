import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";
import { type MarkerFolder, repositoryKey } from "./repository-key.ts";

/** What a marker says: a repository has this, or a tag of it points there. */
export interface Marker {
  /** The tag, or the digest. */
  item: string;
  digest: string;
  /** Empty for a blob. */
  mediaType: string;
  size: number;
  /** Digest of the manifest that this one is about. */
  subject?: string;
}

/** What a repository says that it has, in byte order, after an item. */
export async function* listMarkers(
  store: ObjectStore,
  name: string,
  folder: MarkerFolder,
  after = "",
): AsyncGenerator<Marker, void, undefined> {
  const prefix = repositoryKey(name, folder, "");
  for await (const object of store.list(prefix, after === "" ? undefined : prefix + after)) {
    yield { item: object.key.slice(prefix.length), ...readMarker(object) };
  }
}

/** What the metadata of a marker say. */
export function readMarker({ metadata }: ObjectInfo): Omit<Marker, "item"> {
  const { digest = "", mediaType = "", size, subject } = metadata;
  return { digest, mediaType, size: Number(size), ...(subject !== undefined && { subject }) };
}
