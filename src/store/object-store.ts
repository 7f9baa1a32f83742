/** Key, size and metadata of a stored object. */
export interface ObjectInfo {
  key: string;
  /** Bytes. */
  size: number;
  /** Small values stored with it (at most 8 KiB in total). */
  metadata: Record<string, string>;
  /** Time of the upload, in milliseconds since 1970. */
  uploaded: number;
}

/** Part of an object: `length` bytes from `offset`, fewer where the object ends; without `length`, to the end. */
export interface ByteRange {
  offset: number;
  length?: number;
}

/**
 * Bytes of an object. A function returns them from the start on each call, so that a rejected put can be retried. A large
 * body that can be read only once fails with `StoreBusyError` instead.
 */
export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

export interface PutOptions {
  metadata?: Record<string, string>;
  /** SHA-256 in hex. The store rejects other bytes with `DigestMismatchError`. */
  sha256?: string;
  /** SHA-512 in hex, with the same check. */
  sha512?: string;
  /** Does nothing when the key exists. */
  ifAbsent?: boolean;
}

/**
 * Durable storage: R2 when deployed. Strongly consistent: each get, head and list sees all earlier puts, from everywhere.
 * An object exists completely or not at all.
 */
export interface ObjectStore {
  /** Undefined when the object does not exist. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Contents; undefined when the object does not exist. @throws {RangeError} when the range starts at or beyond the end */
  get(key: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined>;
  /** All contents, for small objects. */
  getBytes(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /**
   * Stores `size` bytes under `key`. Resolves when they are stored. An unused body can still be read.
   * @returns false when the key existed and `ifAbsent` was set
   * @throws {SizeMismatchError} when the body has more or fewer bytes
   * @throws {StoreFullError} (all methods that store) when there is no space left
   * @throws {StoreBusyError} (all methods) when the storage rejects all attempts
   */
  put(key: string, body: ObjectBody, size: number, options?: PutOptions): Promise<boolean>;
  /**
   * Stores an object of unknown length. It becomes visible with `complete`. The store has no digest of it, so it must be
   * read and verified before it is stored under a content address.
   */
  create(key: string, options?: Pick<PutOptions, "metadata">): Promise<ObjectWriter>;
  /** Writes an object whose key depends on its digest. Only in stores that hash what they write. */
  createHashed?(): Promise<HashedWriter>;
  /**
   * Stores a body of unknown length, or nothing for an empty body. Only in stores that can receive a body without the
   * caller reading it.
   * @returns the size; undefined when the key exists
   * @throws {BrokenBodyError} when the body is interrupted; the received bytes are kept
   * @throws {RangeError} when the body has more than `limit` bytes
   */
  receive?(key: string, body: ReadableStream<Uint8Array>, limit: number): Promise<number | undefined>;
  /** Hashes a body without storing it: SHA-256 (hex) and size of the received bytes. Only in stores with `receive`. */
  digestOf?(body: ReadableStream<Uint8Array>): Promise<{ sha256: string; size: number }>;
  /**
   * Joins objects to one of `size` bytes, in this order, without passing the bytes to the caller. The parts may be gone
   * afterwards; the caller deletes them. Verifies the digest also when the key exists. Only in stores that can.
   * @returns as `put`; undefined when a part does not exist
   * @throws {DigestMismatchError}
   */
  compose?(
    key: string,
    parts: readonly string[],
    size: number,
    options?: PutOptions,
  ): Promise<boolean | undefined>;
  /** Removes any number of keys. Ignores keys that do not exist. */
  delete(...keys: string[]): Promise<void>;
  /** Keys with a prefix in byte order, after `after`. */
  list(prefix: string, after?: string): AsyncIterable<ObjectInfo>;
}

export interface ObjectWriter {
  /** Writes bytes, which must not change afterwards. One call at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the object is stored. */
  complete(): Promise<void>;
  /** Discards the written bytes. Does nothing after `complete`. */
  abort(): Promise<void>;
}

/** Writes an object whose key is not known yet. */
export interface HashedWriter extends Pick<ObjectWriter, "write" | "abort"> {
  /** SHA-256 (hex) of the written bytes, after which none may be written. */
  digest(): string;
  /** Resolves when the bytes are stored under a key, or the key existed. */
  complete(key: string): Promise<void>;
}

/** The bytes of an object do not have the expected digest. */
export class DigestMismatchError extends Error {
  override name = "DigestMismatchError";
}

/** The store has no space left. */
export class StoreFullError extends Error {
  override name = "StoreFullError";
}

/**
 * Whether an error means that a disk is full: the store's, or that of the databases. Errors of databases cross an RPC
 * boundary that keeps only their message.
 */
export function isStoreFull(error: unknown): boolean {
  if (error instanceof StoreFullError) return true;
  const { name, message } = (error ?? {}) as Partial<Error>;
  if (name === "StoreFullError") return true;
  return (
    typeof message === "string" && /SQLITE_FULL|disk is full|No space left on device|ENOSPC/i.test(message)
  );
}

/** Opens a body. A function returns it from the start. */
export function openBody(body: Exclude<ObjectBody, Uint8Array>): AsyncIterable<Uint8Array> {
  return typeof body === "function" ? body() : body;
}

/** A request body ended early because the client or the connection failed. */
export class BrokenBodyError extends Error {
  override name = "BrokenBodyError";
}
