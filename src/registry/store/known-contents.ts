import { putMarkerObject } from "../../store/back-references.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";

type Folder = "_manifests" | "_blobs";

/** A marker that a remote repository has certain content. */
export interface KnownContent {
  mediaType: string;
  /** Whether the marker is older than a day. The collector decides by age, so it must be rewritten. */
  isOld: boolean;
}

/** Which contents repositories are known to have. */
export interface ContentsIndex {
  find(name: string, folder: Folder, digest: string): Promise<KnownContent | undefined>;
  add(name: string, folder: Folder, digest: string, mediaType: string): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Records which contents the repositories of a remote registry have. Contents are stored once for all repositories;
 * without this record, an image elsewhere could name the digest of any stored content and receive it.
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
