/** Bytes of one request: proxies in front of a Worker accept 100 MB. */
export const UPLOAD_PART = 64 * 1024 * 1024;
/** Parts are not made smaller than this: other proxies accept 1 MB by default. */
const SMALLEST_PART = 512 * 1024;
/** Times that a server may receive nothing of a part before the upload fails. */
const MOST_IDLE = 3;

/** A proxy rejects the body of a request because of its size. */
export class BodyRejectedError extends Error {
  override name = "BodyRejectedError";
}

export interface PartUpload {
  /** Bytes in all. */
  size: number;
  /** Bytes of the first parts. They are halved as long as a proxy rejects them. */
  part: number;
  /**
   * Sends bytes from an offset, unless the server has them.
   * @returns the bytes that the server has from the start
   * @throws {BodyRejectedError}
   */
  send(offset: number, length: number): Promise<number>;
}

/**
 * Sends bytes in parts, each from where the server has received the ones before: a part that breaks off may be stored in part.
 * @throws {BodyRejectedError} when parts of half a megabyte are rejected
 * @throws {Error} when the server receives nothing
 */
export async function uploadParts({ size, part, send }: PartUpload): Promise<void> {
  let most = part;
  let idle = 0;
  for (let offset = 0; offset < size; ) {
    const length = Math.min(most, size - offset);
    try {
      const received = await send(offset, length);
      idle = received > offset ? 0 : idle + 1;
      offset = received;
    } catch (error) {
      if (!(error instanceof BodyRejectedError) || length <= SMALLEST_PART) throw error;
      most = Math.max(SMALLEST_PART, Math.min(UPLOAD_PART, Math.floor(length / 2)));
    }
    if (idle > MOST_IDLE) throw new Error(`the server does not receive bytes from ${offset} on`);
  }
}

/** Milliseconds for which a connection may accept no bytes. */
const STALL_MS = 60_000;

/** The bytes of a body. Calls `stalled` when the connection accepts none of them for a minute. */
export async function* watchStall(
  source: AsyncIterable<Uint8Array>,
  stalled: () => void,
  milliseconds = STALL_MS,
): AsyncGenerator<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of source) {
      timer = setTimeout(stalled, milliseconds);
      yield chunk;
      clearTimeout(timer);
    }
  } finally {
    clearTimeout(timer);
  }
}
