import { blobKey } from "../../oci/content-key.ts";
import { requireDigest } from "../../oci/digest.ts";
import {
  type Body,
  BrokenBodyError,
  DigestMismatchError,
  type ObjectStore,
  openBody,
} from "../../store/object-store.ts";
import { ContentMismatchError, SizeMismatchError, verified } from "../../streams/verify.ts";
import { connectionLost, RegistryError } from "../errors.ts";

/** The largest object that R2 stores, and verifies, in one put: 4.995 GiB. */
export const MAX_BLOB = 5 * 2 ** 30 - 5 * 2 ** 20;

/**
 * Stores `size` bytes under the digest that they must have. They are hashed while they pass, and once more by the store.
 *
 * @param source a function when the bytes can be read again
 * @throws RegistryError `DIGEST_INVALID`, `SIZE_INVALID`, `BLOB_TOO_LARGE`
 */
export async function storeBlob(
  store: ObjectStore,
  digest: string,
  source: Exclude<Body, Uint8Array>,
  size: number,
): Promise<void> {
  requireBlobSize(size);
  const { algorithm, encoded } = requireDigest(digest);
  const open = () => verified(openBody(source), { digest, size });
  const bytes = typeof source === "function" ? open : open();
  try {
    const isNew = await store.put(blobKey(digest), bytes, size, {
      ifAbsent: true,
      ...(algorithm === "sha256" ? { sha256: encoded } : { sha512: encoded }),
    });
    // A digest is no secret: a client that names one that is stored already must have its bytes all the same.
    if (!isNew) for await (const _ of openBody(bytes));
  } catch (error) {
    throw asRegistryError(error, digest);
  }
}

/**
 * Makes stored objects, in this order, the blob of a digest. They no longer exist then. Undefined: one of them did not.
 *
 * @throws RegistryError `DIGEST_INVALID`, `BLOB_TOO_LARGE`
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
    return await store.compose?.(blobKey(digest), parts, {
      ifAbsent: true,
      ...(algorithm === "sha256" ? { sha256: encoded } : { sha512: encoded }),
    });
  } catch (error) {
    throw asRegistryError(error, digest);
  }
}

/** @throws RegistryError `BLOB_TOO_LARGE` */
export function requireBlobSize(size: number): void {
  if (size <= MAX_BLOB) return;
  throw new RegistryError("BLOB_TOO_LARGE", `a blob may have ${MAX_BLOB} bytes`, {
    detail: { size: String(size) },
  });
}

/** The error for bytes that are not what the client announced. */
export function asRegistryError(error: unknown, digest: string): unknown {
  if (error instanceof ContentMismatchError || error instanceof DigestMismatchError) {
    return new RegistryError("DIGEST_INVALID", "the blob has another digest", { detail: { digest } });
  }
  if (error instanceof BrokenBodyError) return connectionLost();
  if (error instanceof SizeMismatchError) {
    const detail = { promised: String(error.expected), received: String(error.actual) };
    return new RegistryError("SIZE_INVALID", "the body is not as long as was said", { detail });
  }
  return error;
}
