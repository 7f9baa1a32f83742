import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";

type Folder = "_manifests" | "_blobs";

/** A marker that states that a remote repository has something. */
export interface KnownContent {
  mediaType: string;
  /** The marker is older than a day. The collector judges by its age, so it must be written again. */
  isOld: boolean;
}

/** Which contents repositories are known to have. */
export interface ContentsIndex {
  find(name: string, folder: Folder, digest: string): Promise<KnownContent | undefined>;
  add(name: string, folder: Folder, digest: string, mediaType: string): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Which contents the repositories of a remote registry are known to have. Contents are stored once for all, so without
 * this an image elsewhere could name the digest of any content that is stored here, and would receive it.
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
    await this.#store.put(this.#key(name, folder, digest), new Uint8Array(), 0, { metadata: { mediaType } });
  }

  #key(name: string, folder: Folder, digest: string): string {
    return `upstreams/${this.#host}/${name}/${folder}/${digest}`;
  }
}

function isOld({ uploaded }: ObjectInfo): boolean {
  return Date.now() - uploaded > DAY_MS;
}
