import type { Descriptor } from "../oci/descriptor.ts";
import type { ByteRange } from "../store/object-store.ts";

/**
 * A registry: repositories with blobs, manifests and tags (distribution-spec). Implemented by this server's store, a
 * remote registry, a remote registry with local copies, and a view restricted to a caller's rights; the HTTP server of
 * `server/` serves any of them.
 * All methods throw `RegistryError`. An invalid repository name is `NAME_INVALID`; an unsupported operation is
 * `UNSUPPORTED`. References are tags or digests.
 */
export interface Registry extends RegistryReader, RegistryWriter, RegistryDeleter, RegistryLister {}

/** Reads contents. Everything returned is verified against its digest. */
export interface RegistryReader {
  /** Descriptor of the manifest that a reference names. @throws {RegistryError} `MANIFEST_UNKNOWN` */
  resolveManifest(name: string, reference: string, options?: ResolveOptions): Promise<ManifestDescriptor>;
  /** The manifest or index that a reference names. @throws {RegistryError} `MANIFEST_UNKNOWN` */
  readManifest(name: string, reference: string, options?: ResolveOptions): Promise<StoredManifest>;
  /** Digest and size of a blob of the repository. @throws {RegistryError} `BLOB_UNKNOWN` */
  resolveBlob(name: string, digest: string, options?: ResolveBlobOptions): Promise<BlobDescriptor>;
  /**
   * Bytes of a blob of the repository, or a range of them. A whole blob is valid only when the stream ends without an
   * error; otherwise it fails with `RegistryError`, `SizeMismatchError` or `ContentMismatchError`. A range is not
   * verified.
   * @throws {RegistryError} `BLOB_UNKNOWN`
   */
  readBlob(name: string, blob: BlobDescriptor, range?: ByteRange): Promise<ReadableStream<Uint8Array>>;
}

/** Stores contents. Each method is idempotent. */
export interface RegistryWriter {
  /**
   * Stores a blob of known digest and size in the repository.
   * @throws {RegistryError} `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
   */
  pushBlob(name: string, blob: BlobDescriptor, source: BlobSource): Promise<void>;
  /** Starts the upload of a blob whose digest is not known yet. */
  startUpload(name: string): Promise<BlobUpload>;
  /** Opens an existing upload. @throws {RegistryError} `BLOB_UPLOAD_UNKNOWN` */
  openUpload(name: string, id: string): Promise<BlobUpload>;
  /**
   * Mounts a blob of another repository in this one, without sending it. Returns false when that is not possible.
   * @param from the other repository; without it, any that has the blob and can be found quickly
   */
  mountBlob(name: string, digest: string, from?: string): Promise<boolean>;
  /**
   * Stores a manifest or an index, and points tags at it. Everything that it lists must be in the repository, except
   * its subject.
   * @throws {RegistryError} `MANIFEST_INVALID`, `MANIFEST_TOO_LARGE`, `MANIFEST_BLOB_UNKNOWN`, `DIGEST_INVALID`
   */
  pushManifest(name: string, manifest: NewManifest, tags?: readonly string[]): Promise<ManifestDescriptor>;
}

/** Deletes contents of a repository. Other repositories are not affected. */
export interface RegistryDeleter {
  /** @throws {RegistryError} `BLOB_UNKNOWN`; `CONTENT_NEEDED` when a manifest of the repository lists it */
  deleteBlob(name: string, digest: string): Promise<void>;
  /**
   * Deletes a manifest and all tags that point at it.
   * @throws {RegistryError} `MANIFEST_UNKNOWN`; `CONTENT_NEEDED` when an index of the repository lists it
   */
  deleteManifest(name: string, digest: string): Promise<void>;
  /** Deletes a tag but not its manifest. @throws {RegistryError} `MANIFEST_UNKNOWN` */
  deleteTag(name: string, tag: string): Promise<void>;
}

/** Lists names in byte order, starting after `after` if given. */
export interface RegistryLister {
  repositories(after?: string): AsyncIterable<string>;
  /** The iteration throws RegistryError `NAME_UNKNOWN` when the repository does not exist. */
  tags(name: string, after?: string): AsyncIterable<string>;
  /** Manifests whose subject is this digest, ordered by digest; empty for a missing repository or subject. */
  referrers(name: string, digest: string, after?: string): AsyncIterable<Descriptor>;
}

export interface ResolveOptions {
  /** Resolve the tag again even if it was resolved recently. */
  fresh?: boolean;
}

export interface ResolveBlobOptions {
  /** The caller will push a manifest that lists the blob instead of the blob, so it must not be collected in the meantime. */
  forPush?: boolean;
}

/** Digest and size, against which bytes are verified. */
export type BlobDescriptor = Pick<Descriptor, "digest" | "size">;

export interface ManifestDescriptor extends Pick<Descriptor, "mediaType" | "digest" | "size"> {
  /** Digest of the manifest's subject. */
  subject?: string;
}

/** A manifest or an index with its bytes. */
export interface StoredManifest {
  descriptor: ManifestDescriptor;
  bytes: Uint8Array;
}

export interface NewManifest {
  bytes: Uint8Array;
  /** Empty when unknown. */
  mediaType: string;
  /** The expected digest, if known; determines the algorithm. */
  digest?: string;
}

/** Opens the bytes of a blob; called again for a retry. */
export type BlobSource = () => Promise<AsyncIterable<Uint8Array>>;

/** Bytes received from a client. */
export interface IncomingBlob {
  source: AsyncIterable<Uint8Array>;
  /** The same bytes as an unread stream, for an implementation that forwards it. Read only one of the two. */
  stream?: ReadableStream<Uint8Array>;
  /** Undefined when the client does not send the length, as docker does for layers. */
  size?: number;
}

/** An upload session. */
export interface BlobUpload {
  readonly id: string;
  /** Bytes received. */
  readonly size: number;
  /**
   * Appends bytes. After a failure, stored bytes remain and the client can continue from `size`.
   * @throws {RegistryError} `CHUNK_OUT_OF_ORDER`, `SIZE_INVALID`, `BLOB_TOO_LARGE`, `BLOB_UPLOAD_UNKNOWN`
   */
  append(incoming: IncomingBlob): Promise<void>;
  /**
   * Stores the received bytes, followed by `last`, as a blob of the repository. Removes the upload, also when the
   * digest does not match.
   * @throws {RegistryError} `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
   */
  finish(digest: string, last?: IncomingBlob): Promise<void>;
  /** Removes the upload. Has no effect after `finish`. */
  cancel(): Promise<void>;
}
