import { blobKey } from "../../oci/content-key.ts";
import { requireDigest } from "../../oci/digest.ts";
import {
  BrokenBodyError,
  DigestMismatchError,
  type ObjectBody,
  type ObjectStore,
  openBody,
} from "../../store/object-store.ts";
import { ContentMismatchError, SizeMismatchError, verifyChunks } from "../../streams/verify.ts";
import { connectionLostError, RegistryError } from "../errors.ts";

/** The size of the largest object that R2 stores and verifies in one PUT, in bytes: 4.995 GiB. */
export const MAX_BLOB = 5 * 2 ** 30 - 5 * 2 ** 20;

/**
 * Stores `size` bytes under their expected digest. Both this function and the store verify the digest.
 * @param source a function when the bytes can be read again
 * @throws {RegistryError} `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
 */
export async function storeBlob(
  store: ObjectStore,
  digest: string,
  source: Exclude<ObjectBody, Uint8Array>,
  size: number,
): Promise<void> {
  requireBlobSize(size);
  const { algorithm, encoded } = requireDigest(digest);
  const open = () => verifyChunks(openBody(source), { digest, size });
  const bytes = typeof source === "function" ? open : open();
  try {
    const isNew = await store.put(blobKey(digest), bytes, size, {
      ifAbsent: true,
      ...(algorithm === "sha256" ? { sha256: encoded } : { sha512: encoded }),
    });
    // Verify the bytes even when the blob is already stored: knowing a digest must not grant access to the blob.
    if (!isNew) for await (const _ of openBody(bytes));
  } catch (error) {
    throw asRegistryError(error, digest);
  }
}

/**
 * Joins stored objects, in this order, to a blob: see `ObjectStore.compose`. Undefined when one of them is missing.
 * @throws {RegistryError} `DIGEST_INVALID`, `BLOB_TOO_LARGE`
 */
export async function composeBlob(
  store: ObjectStore,
  digest: string,
  parts: readonly string[],
  size: number,
): Promise<boolean | undefined> {
  requireBlobSize(size);
  const { algorithm, encoded } = requireDigest(digest);
  try {
    return await store.compose?.(blobKey(digest), parts, size, {
      ifAbsent: true,
      ...(algorithm === "sha256" ? { sha256: encoded } : { sha512: encoded }),
    });
  } catch (error) {
    throw asRegistryError(error, digest);
  }
}

/** @throws {RegistryError} `BLOB_TOO_LARGE` */
export function requireBlobSize(size: number): void {
  if (size <= MAX_BLOB) return;
  throw new RegistryError("BLOB_TOO_LARGE", `a blob may have at most ${MAX_BLOB} bytes`, {
    detail: { size: String(size) },
  });
}

/** The error for bytes that do not match the announced digest or size. */
export function asRegistryError(error: unknown, digest: string): unknown {
  if (error instanceof ContentMismatchError || error instanceof DigestMismatchError) {
    return new RegistryError("DIGEST_INVALID", "the blob has another digest", { detail: { digest } });
  }
  if (error instanceof BrokenBodyError) return connectionLostError();
  if (error instanceof SizeMismatchError) {
    const detail = { promised: String(error.expected), received: String(error.actual) };
    return new RegistryError("SIZE_INVALID", "the body does not have the stated length", { detail });
  }
  return error;
}
