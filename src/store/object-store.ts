/** Facts about a stored object. */
export interface ObjectInfo {
  key: string;
  /** Bytes. */
  size: number;
  /** Small values given when it was put (at most 8 KiB in all). */
  metadata: Record<string, string>;
  /** When it was put, in milliseconds since 1970. */
  uploaded: number;
}

/** Part of an object: `length` bytes from `offset`, fewer where the object ends; without `length`, to the end. */
export interface ByteRange {
  offset: number;
  length?: number;
}

/**
 * Bytes of an object. A function gives them from the start each time it is called, so that a refused put can be repeated;
 * large bodies that come once are refused with `StoreBusyError` instead.
 */
export type Body = Uint8Array | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

export interface PutOptions {
  metadata?: Record<string, string>;
  /** Hex. The store refuses the object with `DigestMismatchError` when its bytes have another SHA-256. */
  sha256?: string;
  /** Hex, likewise. */
  sha512?: string;
  /** Do nothing when the key exists. */
  ifAbsent?: boolean;
}

/**
 * Where everything that must be right is kept: R2 when deployed. Strongly consistent: what was put is seen by
 * the next get, head and list, wherever it is made. An object is there whole or not at all.
 */
export interface ObjectStore {
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Contents, or undefined when there is no such object. A range that starts at or
   * beyond the end throws `RangeError`. */
  get(key: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Whole contents of a small object. */
  getBytes(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /** Stores `size` bytes under `key`; resolves when they are stored. False: it existed and `ifAbsent` was set.
   * A body with more or fewer bytes is refused with `SizeMismatchError`; one that is not wanted can be read on. Every
   * method that stores throws `StoreFullError` when there is no room, and every method `StoreBusyError` when the storage
   * refuses each attempt. */
  put(key: string, body: Body, size: number, options?: PutOptions): Promise<boolean>;
  /** An object of a length that is not known yet. Nothing is visible before `complete`. Nobody verifies it: no
   * backing keeps a digest of such an object, so it never goes under a content address unread. */
  create(key: string, options?: Pick<PutOptions, "metadata">): Promise<ObjectWriter>;
  /** Stores a body of a length that is not known, unless the key is taken: undefined then. Gives its size; nothing is
   * stored of a body without bytes. A body that breaks off is refused with `BrokenBodyError`, and what came is kept; one
   * of more than `most` bytes with `RangeError`. Only where the store takes bytes that whoever asks has not read. */
  receive?(key: string, body: ReadableStream<Uint8Array>, most: number): Promise<number | undefined>;
  /** Hashes a body without storing it. Gives the SHA-256 (hex) and the size of what came of it. Only where `receive` is. */
  digestOf?(body: ReadableStream<Uint8Array>): Promise<{ sha256: string; size: number }>;
  /** Makes one object of others, in this order, which are gone then: nothing is written again. Only where the store can.
   * Undefined: one of them is not there. */
  compose?(key: string, parts: readonly string[], options?: PutOptions): Promise<boolean | undefined>;
  /** Removes keys; those that do not exist are ignored. Any number. */
  delete(...keys: string[]): Promise<void>;
  /** Keys with a prefix in byte order, after `after`. */
  list(prefix: string, after?: string): AsyncIterable<ObjectInfo>;
}

export interface ObjectWriter {
  /** Takes the bytes over: they must not change afterwards. One call at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** The object is there when this resolves. */
  complete(): Promise<void>;
  /** Drops what was written. May be called after `complete`, and does nothing then. */
  abort(): Promise<void>;
}

/** The bytes given are not those that were promised. */
export class DigestMismatchError extends Error {
  override name = "DigestMismatchError";
}

/** The store has no room left. */
export class StoreFullError extends Error {
  override name = "StoreFullError";
}

/**
 * Whether something failed because a disk is full: the store's, or that of the databases beside it, whose errors cross
 * borders at which only the message remains.
 */
export function isStoreFull(error: unknown): boolean {
  if (error instanceof StoreFullError) return true;
  const { name, message } = (error ?? {}) as Partial<Error>;
  if (name === "StoreFullError") return true;
  return (
    typeof message === "string" && /SQLITE_FULL|disk is full|No space left on device|ENOSPC/i.test(message)
  );
}

/** The bytes of a body, from its start when it is a function. */
export function openBody(body: Exclude<Body, Uint8Array>): AsyncIterable<Uint8Array> {
  return typeof body === "function" ? body() : body;
}

/** A body ended before its end: its sender is gone, or the connection. */
export class BrokenBodyError extends Error {
  override name = "BrokenBodyError";
}
