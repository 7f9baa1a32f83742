import { chunks } from "../streams/chunks.ts";
import { brokenOff } from "./errors.ts";
import type { Incoming } from "./upload.ts";

/** The body of a request; undefined when there is none, or none of any length. */
export function incomingOf(request: Request): Incoming | undefined {
  const length = request.headers.get("Content-Length");
  if (request.body === null || length === "0") return undefined;
  const stream = request.body as ReadableStream<Uint8Array>;
  const source = received(stream);
  const size = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return { source, stream, ...(size !== undefined && { size }) };
}

/** Bytes of a body that nobody wants which are read all the same. */
const MAX_PASSED_OVER = 64 * 1024 * 1024;

/**
 * Reads what is left of a body, within bounds: a client that is cut off while it sends does not hear the answer.
 */
export async function passOver({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed || body.locked) return;
  let size = 0;
  try {
    for await (const bytes of chunks(body as ReadableStream<Uint8Array>)) {
      size += bytes.length;
      if (size > MAX_PASSED_OVER) return;
    }
  } catch {
    // Then there is nobody to hear it.
  }
}

async function* received(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks(body);
  } catch {
    throw brokenOff();
  }
}
