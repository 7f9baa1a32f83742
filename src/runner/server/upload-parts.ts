import { TransferError } from "./transfer-error.ts";

/** Maximum bytes of one request. Proxies in front of a Worker accept 100 MB. */
export const UPLOAD_PART = 64 * 1024 * 1024;
/** Minimum bytes of one request. Other proxies accept 1 MB by default. */
const MIN_PART = 512 * 1024;
/** Consecutive parts of which the server may receive nothing before the upload fails. */
const MAX_IDLE = 3;

interface PartUpload {
  /** Total bytes. */
  size: number;
  /** Bytes of the first part. Halved while a proxy rejects parts. */
  part: number;
  /**
   * Sends bytes from an offset.
   * @returns how many bytes from the start the server has
   * @throws {TransferError}
   */
  send(offset: number, length: number): Promise<number>;
}

/**
 * Sends bytes in parts. Each starts where the server's bytes end, because the server keeps the start of an interrupted part.
 * @throws {TransferError} when parts of half a megabyte are rejected
 * @throws {Error} when the server receives nothing
 */
export async function uploadParts({ size, part, send }: PartUpload): Promise<void> {
  let limit = part;
  let idle = 0;
  for (let offset = 0; offset < size; ) {
    const length = Math.min(limit, size - offset);
    try {
      const received = await send(offset, length);
      idle = received > offset ? 0 : idle + 1;
      offset = received;
    } catch (error) {
      if (!(error instanceof TransferError && error.isTooLarge) || length <= MIN_PART) throw error;
      limit = Math.max(MIN_PART, Math.min(UPLOAD_PART, Math.floor(length / 2)));
    }
    if (idle > MAX_IDLE) throw new Error(`the server does not receive bytes from ${offset} on`);
  }
}

/** Time without accepted bytes after which a connection is stalled. */
const STALL_MS = 60_000;

/** Passes the bytes of a body on. Calls `stalled` when the connection accepts none for a while. */
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
