import { blobKey, manifestKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isDigest, requireDigest } from "../oci/digest.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../oci/document.ts";
import { parseImageIndex } from "../oci/image-index.ts";
import { parseManifest } from "../oci/manifest.ts";
import { isIndexType, isManifestType, isNondistributable } from "../oci/media-types.ts";
import { isRepositoryName, isTag } from "../oci/reference.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Digester } from "../streams/sha256.ts";
import { RegistryError } from "./errors.ts";
import type { Page } from "./request.ts";

/** Part of a list, and whether there is more. */
export interface TagList {
  tags: string[];
  more: boolean;
}

const SHA256 = { algorithm: "sha256" } as const;

/** Tags in one answer when the client names no number. */
const DEFAULT_TAGS = 10_000;

/**
 * One repository. Contents lie under their digests, once for all repositories; which repository has what is said
 * by small markers, whose metadata answers without another read. Folders of markers begin with an underscore,
 * which no part of a name can: repository `a/tags` has nothing below `repos/a/_tags/`.
 */
export class Repository {
  readonly name: string;
  readonly #store: ObjectStore;

  /** @throws RegistryError `NAME_INVALID` */
  constructor(store: ObjectStore, name: string) {
    if (!isRepositoryName(name)) throw new RegistryError("NAME_INVALID", "not a repository name", { name });
    this.name = name;
    this.#store = store;
  }

  /**
   * Stores a manifest or an index and makes it part of the repository. What it lists must be there before.
   *
   * @param digest what its digest must be, when that is known; its algorithm is used
   * @throws RegistryError `MANIFEST_INVALID`, `MANIFEST_BLOB_UNKNOWN`, `DIGEST_INVALID`
   */
  async putManifest(bytes: Uint8Array, mediaType: string, digest?: string): Promise<Descriptor> {
    const lists = readManifest(bytes, mediaType);
    const { algorithm } = digest === undefined ? SHA256 : requireDigest(digest);
    const actual = new Digester(algorithm).update(bytes).digest();
    if (digest !== undefined && digest !== actual) {
      throw new RegistryError("DIGEST_INVALID", `the manifest has digest ${actual}`, { digest });
    }
    await this.#requireContents(lists);
    await this.#store.put(manifestKey(actual), bytes, bytes.length, { ifAbsent: true });
    const descriptor = { mediaType, digest: actual, size: bytes.length };
    await this.#mark("_manifests", actual, descriptor);
    return descriptor;
  }

  /** Points a tag at a manifest of the repository. @throws RegistryError `MANIFEST_INVALID`, `MANIFEST_UNKNOWN` */
  async tag(tag: string, digest: string): Promise<void> {
    if (!isTag(tag)) throw new RegistryError("MANIFEST_INVALID", "not a tag", { tag });
    const [wanted, current] = await Promise.all([
      this.resolve(digest),
      this.#store.head(this.#key("_tags", tag)),
    ]);
    // R2 takes one write a second of a key, and equal builds come in crowds.
    if (current?.metadata.digest !== digest) await this.#mark("_tags", tag, wanted);
  }

  /** The manifest that a tag or digest names. @throws RegistryError `MANIFEST_UNKNOWN` */
  async resolve(reference: string): Promise<Descriptor> {
    const folder = isDigest(reference) ? "_manifests" : "_tags";
    const marker = await this.#store.head(this.#key(folder, reference));
    if (marker === undefined) {
      throw new RegistryError("MANIFEST_UNKNOWN", "no such manifest in this repository", {
        name: this.name,
        reference,
      });
    }
    const { digest = "", mediaType = "", size } = marker.metadata;
    return { mediaType, digest, size: Number(size) };
  }

  /** Bytes of a manifest of the repository. @throws RegistryError `MANIFEST_UNKNOWN` */
  async manifest({ digest }: Descriptor): Promise<Uint8Array> {
    const bytes = await this.#store.getBytes(manifestKey(digest));
    if (bytes !== undefined) return bytes;
    throw new RegistryError("MANIFEST_UNKNOWN", "the manifest is gone", { name: this.name, digest });
  }

  /**
   * Makes a stored blob part of the repository.
   *
   * @throws RegistryError `BLOB_UNKNOWN` when nobody has stored it
   */
  async linkBlob(digest: string): Promise<void> {
    const blob = await this.#store.head(blobKey(digest));
    if (blob === undefined) throw new RegistryError("BLOB_UNKNOWN", "no such blob", { digest });
    await this.#mark("_blobs", digest, { mediaType: "", digest, size: blob.size });
  }

  /** Size in bytes of a blob of the repository. @throws RegistryError `BLOB_UNKNOWN` */
  async blobSize(digest: string): Promise<number> {
    const [marker, blob] = await Promise.all([
      this.#store.head(this.#key("_blobs", digest)),
      this.#store.head(blobKey(digest)),
    ]);
    if (marker !== undefined && blob !== undefined) return blob.size;
    throw new RegistryError("BLOB_UNKNOWN", "no such blob in this repository", { name: this.name, digest });
  }

  /** Tags in byte order. @throws RegistryError `NAME_UNKNOWN` when nothing was ever put here */
  async tags({ n = DEFAULT_TAGS, last = "" }: Page = {}): Promise<TagList> {
    const prefix = this.#key("_tags", "");
    const tags: string[] = [];
    const most = Math.min(n, DEFAULT_TAGS);
    if (most > 0) {
      for await (const { key } of this.#store.list(prefix, last === "" ? undefined : prefix + last)) {
        if (tags.length === most) return { tags, more: true };
        tags.push(key.slice(prefix.length));
      }
    }
    if (tags.length === 0 && !(await this.exists())) {
      throw new RegistryError("NAME_UNKNOWN", "no such repository", { name: this.name });
    }
    return { tags, more: false };
  }

  /** Whether a manifest was ever put here. */
  async exists(): Promise<boolean> {
    for await (const _ of this.#store.list(this.#key("_manifests", ""))) return true;
    return false;
  }

  async #requireContents({ blobs, manifests }: Contents): Promise<void> {
    await eachOf(blobs, async (digest) => {
      if ((await this.#store.head(this.#key("_blobs", digest))) !== undefined) return;
      throw new RegistryError("MANIFEST_BLOB_UNKNOWN", "the manifest lists a blob that is not here", {
        digest,
      });
    });
    await eachOf(manifests, async (digest) => {
      if ((await this.#store.head(this.#key("_manifests", digest))) !== undefined) return;
      throw new RegistryError("MANIFEST_BLOB_UNKNOWN", "the index lists a manifest that is not here", {
        digest,
      });
    });
  }

  async #mark(folder: MarkerFolder, item: string, { mediaType, digest, size }: Descriptor): Promise<void> {
    const metadata = { digest, mediaType, size: String(size) };
    // Only tags ever change.
    const ifAbsent = folder !== "_tags";
    await this.#store.put(this.#key(folder, item), new Uint8Array(), 0, { metadata, ifAbsent });
  }

  #key(folder: MarkerFolder, item: string): string {
    return `repos/${this.name}/${folder}/${item}`;
  }
}

type MarkerFolder = "_manifests" | "_tags" | "_blobs";

/** What must be in the repository before a manifest that lists it. */
interface Contents {
  blobs: string[];
  manifests: string[];
}

function readManifest(bytes: Uint8Array, mediaType: string): Contents {
  const invalid = (reason: string) => new RegistryError("MANIFEST_INVALID", reason);
  if (bytes.length > MAX_DOCUMENT) throw invalid(`${bytes.length} bytes are more than ${MAX_DOCUMENT}`);
  try {
    if (isIndexType(mediaType)) {
      const index = parseImageIndex(bytes, mediaType);
      if (index.mediaType !== mediaType)
        throw invalid(`it calls itself ${index.mediaType}, not ${mediaType}`);
      return { blobs: [], manifests: index.manifests.map(({ digest }) => digest) };
    }
    if (isManifestType(mediaType)) {
      const manifest = parseManifest(bytes, mediaType);
      if (manifest.mediaType !== mediaType)
        throw invalid(`it calls itself ${manifest.mediaType}, not ${mediaType}`);
      const layers = manifest.layers.filter((layer) => !isNondistributable(layer.mediaType));
      return { blobs: [manifest.config, ...layers].map(({ digest }) => digest), manifests: [] };
    }
  } catch (error) {
    throw error instanceof InvalidDocumentError ? invalid(error.message) : error;
  }
  throw invalid(`manifests of type ${JSON.stringify(mediaType)} are not supported`);
}

/** A Worker has six connections. */
const AT_ONCE = 6;

async function eachOf(digests: readonly string[], act: (digest: string) => Promise<void>): Promise<void> {
  const queue = new Set(digests).values();
  const work = async () => {
    for (const digest of queue) await act(digest);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
