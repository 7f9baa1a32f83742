import type { Descriptor } from "../oci/descriptor.ts";
import type { ByteRange } from "../store/object-store.ts";

/**
 * A registry: repositories with blobs, manifests and tags (distribution-spec). This server's store, a remote registry, a
 * remote registry with local copies, and a view restricted to a caller's rights all implement it, and the HTTP server of
 * `server/` serves any of them.
 *
 * All methods throw `RegistryError`. A name that cannot be one of a repository is `NAME_INVALID`; an implementation that
 * cannot do something throws `UNSUPPORTED`. References are tags or digests.
 */
export interface Registry extends RegistryReader, RegistryWriter, RegistryDeleter, RegistryLister {}

/** Reads contents. Everything that is given is verified against its digest. */
export interface RegistryReader {
  /** Descriptor of the manifest that a reference names. @throws RegistryError `MANIFEST_UNKNOWN` */
  resolveManifest(name: string, reference: string, options?: ResolveOptions): Promise<ManifestDescriptor>;
  /** The manifest or index that a reference names. @throws RegistryError `MANIFEST_UNKNOWN` */
  readManifest(name: string, reference: string, options?: ResolveOptions): Promise<StoredManifest>;
  /** Digest and size of a blob of the repository. @throws RegistryError `BLOB_UNKNOWN` */
  resolveBlob(name: string, digest: string): Promise<BlobDescriptor>;
  /**
   * Bytes of a blob of the repository, or of a part of it. A whole blob is correct only when the stream ends without an
   * error: it fails with `RegistryError`, `SizeMismatchError` or `ContentMismatchError`. A part cannot be verified.
   *
   * @throws RegistryError `BLOB_UNKNOWN`
   */
  readBlob(name: string, blob: BlobDescriptor, range?: ByteRange): Promise<ReadableStream<Uint8Array>>;
}

/** Stores contents. Each method may be repeated: storing what is stored changes nothing. */
export interface RegistryWriter {
  /**
   * Stores a blob whose digest and size are known, and makes it part of the repository.
   *
   * @throws RegistryError `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
   */
  pushBlob(name: string, blob: BlobDescriptor, source: BlobSource): Promise<void>;
  /** Starts an upload of a blob whose digest is known only at its end. */
  startUpload(name: string): Promise<BlobUpload>;
  /** Opens an upload that was started. @throws RegistryError `BLOB_UPLOAD_UNKNOWN` */
  openUpload(name: string, id: string): Promise<BlobUpload>;
  /**
   * Makes a blob of another repository part of this one, without sending it. False when that is not possible.
   *
   * @param from that repository; without it, any that has the blob and can be found quickly
   */
  mountBlob(name: string, digest: string, from?: string): Promise<boolean>;
  /**
   * Stores a manifest or an index, and points tags at it. Everything that it lists must be in the repository; its subject
   * need not be.
   *
   * @throws RegistryError `MANIFEST_INVALID`, `MANIFEST_TOO_LARGE`, `MANIFEST_BLOB_UNKNOWN`, `DIGEST_INVALID`
   */
  pushManifest(name: string, manifest: NewManifest, tags?: readonly string[]): Promise<ManifestDescriptor>;
}

/** Removes contents of a repository. What other repositories have stays. */
export interface RegistryDeleter {
  /** @throws RegistryError `BLOB_UNKNOWN`; `CONTENT_NEEDED` when a manifest of the repository lists it */
  deleteBlob(name: string, digest: string): Promise<void>;
  /**
   * Removes a manifest and every tag that points at it.
   *
   * @throws RegistryError `MANIFEST_UNKNOWN`; `CONTENT_NEEDED` when an index of the repository lists it
   */
  deleteManifest(name: string, digest: string): Promise<void>;
  /** Removes a tag; its manifest stays. @throws RegistryError `MANIFEST_UNKNOWN` */
  deleteTag(name: string, tag: string): Promise<void>;
}

/** Lists names in byte order, those after `after` when it is given. */
export interface RegistryLister {
  repositories(after?: string): AsyncIterable<string>;
  /** The iteration throws RegistryError `NAME_UNKNOWN` when there is no such repository. */
  tags(name: string, after?: string): AsyncIterable<string>;
  /** Manifests whose subject is this digest, in the order of their digests; none for what does not exist. */
  referrers(name: string, digest: string, after?: string): AsyncIterable<Descriptor>;
}

export interface ResolveOptions {
  /** Request the registry even when it was asked for the same tag a moment ago. */
  fresh?: boolean;
}

/** Digest and size: what bytes are verified against. */
export type BlobDescriptor = Pick<Descriptor, "digest" | "size">;

export interface ManifestDescriptor extends Pick<Descriptor, "mediaType" | "digest" | "size"> {
  /** Digest of the manifest that this one is about. */
  subject?: string;
}

/** A manifest or an index with its bytes. */
export interface StoredManifest {
  descriptor: ManifestDescriptor;
  bytes: Uint8Array;
}

export interface NewManifest {
  bytes: Uint8Array;
  /** Empty when it is not known. */
  mediaType: string;
  /** What its digest must be, when that is known. Its algorithm is used. */
  digest?: string;
}

/** Opens the bytes of a blob; called again when they must be sent again. */
export type BlobSource = () => Promise<AsyncIterable<Uint8Array>>;

/** Bytes that a client sends. */
export interface Incoming {
  source: AsyncIterable<Uint8Array>;
  /** The same bytes unread, for an implementation that passes them on: only one of the two is used. */
  stream?: ReadableStream<Uint8Array>;
  /** Undefined when the client does not know it: docker sends layers so. */
  size?: number;
}

/** A blob that arrives in pieces. */
export interface BlobUpload {
  readonly id: string;
  /** Bytes received. */
  readonly size: number;
  /**
   * Adds bytes. What was stored before a failure stays, and the client may continue from `size`.
   *
   * @throws RegistryError `CHUNK_OUT_OF_ORDER`, `SIZE_INVALID`, `BLOB_TOO_LARGE`, `BLOB_UPLOAD_UNKNOWN`
   */
  append(incoming: Incoming): Promise<void>;
  /**
   * Makes what was received, and what comes now, a blob of the repository. The upload is removed afterwards, and also
   * when the bytes do not have the digest.
   *
   * @throws RegistryError `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
   */
  finish(digest: string, last?: Incoming): Promise<void>;
  /** Removes the upload. May be called after `finish`, and does nothing then. */
  cancel(): Promise<void>;
}
