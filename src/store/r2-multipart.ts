import { isolateMemory } from "../streams/memory-budget.ts";
import type { ObjectWriter } from "./object-store.ts";
import { type Clock, errorNumber, withStoreRetries } from "./retry.ts";

/** R2 requires all parts except the last to have the same size, at least 5 MiB. */
const PART_SIZE = 5 * 1024 * 1024;
/** R2's error number for an upload that does not or no longer exist. */
const NO_UPLOAD = 10024;

/**
 * Writes an object in parts of 5 MiB. Uploads one part while the next one fills, if memory for both is free; an object that
 * fits into one part is stored with one put. R2 has no checksum of an object in several parts.
 */
export function multipartWriter(
  bucket: R2Bucket,
  key: string,
  customMetadata: Record<string, string>,
  clock: Clock,
): ObjectWriter {
  let part = new Uint8Array(64 * 1024);
  let filled = 0;
  let upload: R2MultipartUpload | undefined;
  const parts: R2UploadedPart[] = [];
  let sending: Promise<void> = Promise.resolve();
  let closed = false;
  let size = 0;

  const again = <T>(attempt: (before: number) => Promise<T>) =>
    withStoreRetries(`write "${key}"`, attempt, clock);

  /** An attempt that fails may have completed the upload. */
  const completeUpload = (open: R2MultipartUpload) =>
    again(async (before) => {
      try {
        await open.complete(parts);
      } catch (error) {
        if (before === 0 || errorNumber(error) !== NO_UPLOAD) throw error;
        if ((await again(() => bucket.head(key)))?.size !== size) throw error;
      }
    });

  /** Starts to upload a part. @returns whether there is memory for another one meanwhile */
  const send = async (bytes: Uint8Array): Promise<boolean> => {
    await sending;
    const open = upload ?? (await again(() => bucket.createMultipartUpload(key, { customMetadata })));
    upload = open;
    const memory = isolateMemory.lend();
    const hasMemory = memory.grow(PART_SIZE);
    sending = again(() => open.uploadPart(parts.length + 1, bytes))
      .then((sent) => {
        parts.push(sent);
      })
      .finally(() => memory[Symbol.dispose]());
    // The next `await sending` throws it.
    sending.catch(() => {});
    return hasMemory;
  };

  const grow = (needed: number): void => {
    if (needed <= part.length) return;
    const larger = new Uint8Array(Math.min(PART_SIZE, Math.max(needed, part.length * 2)));
    larger.set(part.subarray(0, filled));
    part = larger;
  };

  return {
    async write(bytes) {
      if (closed) throw new Error(`Cannot write to "${key}": it is complete or dropped`);
      for (let at = 0; at < bytes.length; ) {
        if (filled === PART_SIZE) {
          if (await send(part)) part = new Uint8Array(PART_SIZE);
          else await sending;
          filled = 0;
        }
        const step = Math.min(bytes.length - at, PART_SIZE - filled);
        grow(filled + step);
        part.set(bytes.subarray(at, at + step), filled);
        filled += step;
        at += step;
        size += step;
      }
    },

    async complete() {
      if (closed) throw new Error(`Cannot complete "${key}": it is complete or dropped`);
      const last = part.subarray(0, filled);
      if (upload === undefined) {
        await again(() => bucket.put(key, last, { customMetadata }));
      } else {
        await send(last);
        await sending;
        await completeUpload(upload);
      }
      closed = true;
    },

    async abort() {
      if (closed) return;
      closed = true;
      await sending.catch(() => {});
      const open = upload;
      if (open !== undefined) await again(() => open.abort());
    },
  };
}
