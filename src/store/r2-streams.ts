import { toHex } from "../streams/hex.ts";
import { SizeMismatchError } from "../streams/verify.ts";
import { DigestMismatchError, type PutOptions } from "./object-store.ts";
import { errorNumber } from "./retry.ts";

/** A source of bytes that writes them to a stream. */
export interface Pipe {
  /** Writes all bytes and closes the stream, or aborts it and fails. */
  writeTo(target: WritableStream<Uint8Array>, signal: AbortSignal): Promise<void>;
}

/** The reader of a stream has stopped, so nothing can be written to it. The reader knows why. */
class ReaderStoppedError extends Error {
  override name = "ReaderStoppedError";
}

/** The chunks of a source. */
export function pipeFrom(source: AsyncIterable<Uint8Array>): Pipe {
  return {
    async writeTo(target, signal) {
      const writer = target.getWriter();
      const abort = (error: unknown) => writer.abort(error).catch(() => {});
      signal.addEventListener("abort", () => abort(signal.reason));
      const readerStopped = (cause: unknown) => {
        throw new ReaderStoppedError("Cannot write to the stream: its reader has stopped", { cause });
      };
      try {
        for await (const chunk of source) await writer.write(chunk).catch(readerStopped);
        await writer.close().catch(readerStopped);
      } catch (error) {
        await abort(error);
        throw error;
      }
    },
  };
}

/** A part of an object was deleted. */
export class MissingPartError extends Error {
  override name = "MissingPartError";
}

/** The bytes of objects, in order. The runtime passes them on, without executing code for each chunk. */
export function pipeOfParts(
  bucket: R2Bucket,
  parts: readonly string[],
  { key, size }: { key: string; size: number },
): Pipe {
  return {
    async writeTo(target, signal) {
      let joined = 0;
      try {
        for (const part of parts) {
          const object = await bucket.get(part);
          if (object === null) throw new MissingPartError(`Cannot read "${part}": it was deleted`);
          joined += object.size;
          if (joined > size) throw new SizeMismatchError(key, size, joined);
          await object.body.pipeTo(target, { preventClose: true, signal });
        }
        if (joined < size) throw new SizeMismatchError(key, size, joined);
        await target.close();
      } catch (error) {
        await target.abort(error).catch(() => {});
        throw error;
      }
    },
  };
}

/** Hashes bytes in the runtime. @throws {DigestMismatchError} */
export async function verifyPipe(key: string, pipe: Pipe, { sha256, sha512 }: PutOptions): Promise<void> {
  const expected = sha256 ?? sha512;
  if (expected === undefined) return;
  const digests = new crypto.DigestStream(sha256 === undefined ? "SHA-512" : "SHA-256");
  // The pipe throws the same error.
  digests.digest.catch(() => {});
  await pipe.writeTo(digests, new AbortController().signal);
  if (toHex(new Uint8Array(await digests.digest)) !== expected) throw wrongDigest(key);
}

export function wrongDigest(key: string, cause?: unknown): DigestMismatchError {
  return new DigestMismatchError(`Cannot store "${key}": its digest does not match its bytes`, { cause });
}

/** Stores bytes of known length: R2 accepts no other streams. */
export async function putStream(
  bucket: R2Bucket,
  key: string,
  body: Pipe,
  size: number,
  options: R2PutOptions,
): Promise<R2Object | null> {
  const { readable, writable } = new FixedLengthStream(size);
  const stop = new AbortController();
  const filled = body.writeTo(writable, stop.signal);
  const stored = bucket.put(key, readable, options);
  // A rejected put may not read its body, and the source would wait forever.
  stored.catch((error) => stop.abort(error));
  const [source, target] = await Promise.allSettled([filled, stored]);
  // If one side fails, both do. A numbered error of R2 is the cause; otherwise an error of the source's own is.
  const hasSourceFailed = source.status === "rejected" && !(source.reason instanceof ReaderStoppedError);
  if (target.status === "rejected" && (!hasSourceFailed || errorNumber(target.reason) !== undefined)) {
    throw target.reason;
  }
  if (source.status === "rejected") throw source.reason;
  return target.status === "fulfilled" ? target.value : null;
}
