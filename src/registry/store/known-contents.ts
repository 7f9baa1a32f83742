import { putMarkerObject } from "../../store/back-references.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";

type Folder = "_manifests" | "_blobs";

/** Content that a remote repository is known to have. */
export interface KnownContent {
  mediaType: string;
  /** Whether the marker is older than a day. It must then be written again, because the collector decides by age. */
  isOld: boolean;
}

/** An index of the contents that remote repositories are known to have. */
export interface ContentsIndex {
  find(name: string, folder: Folder, digest: string): Promise<KnownContent | undefined>;
  add(name: string, folder: Folder, digest: string, mediaType: string): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Markers in the store for the contents of a remote registry's repositories. Contents are stored once for all repositories;
 * without markers, an image of another registry could list the digest of any stored content and receive it.
 */
export class KnownContents implements ContentsIndex {
  readonly #store: ObjectStore;
  readonly #host: string;

  constructor(store: ObjectStore, host: string) {
    this.#store = store;
    this.#host = host;
  }

  async find(name: string, folder: Folder, digest: string): Promise<KnownContent | undefined> {
    const marker = await this.#store.head(this.#key(name, folder, digest));
    return marker && { mediaType: marker.metadata.mediaType ?? "", isOld: isOld(marker) };
  }

  async add(name: string, folder: Folder, digest: string, mediaType: string): Promise<void> {
    const key = this.#key(name, folder, digest);
    await putMarkerObject(this.#store, key, new Uint8Array(), 0, { metadata: { mediaType } });
  }

  #key(name: string, folder: Folder, digest: string): string {
    return `upstreams/${this.#host}/${name}/${folder}/${digest}`;
  }
}

function isOld({ uploaded }: ObjectInfo): boolean {
  return Date.now() - uploaded > DAY_MS;
}
