import { chunks } from "../../streams/chunks.ts";
import { connectionLostError } from "../errors.ts";
import type { IncomingBlob } from "../registry.ts";

/** The body of a request; undefined without one, or for an empty one. */
export function incomingOf(request: Request): IncomingBlob | undefined {
  const length = request.headers.get("Content-Length");
  if (request.body === null || length === "0") return undefined;
  const stream = request.body as ReadableStream<Uint8Array>;
  const source = readBody(stream);
  const size = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return { source, stream, ...(size !== undefined && { size }) };
}

/** Maximum number of bytes of an unwanted body that are read. */
const MAX_DRAINED = 64 * 1024 * 1024;

/** Reads the rest of a body, up to a limit, because a client whose upload is cut off does not receive the response. */
export async function drainBody({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed || body.locked) return;
  let size = 0;
  try {
    for await (const bytes of chunks(body as ReadableStream<Uint8Array>)) {
      size += bytes.length;
      if (size > MAX_DRAINED) return;
    }
  } catch {
    // The client has disconnected.
  }
}

async function* readBody(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks(body);
  } catch {
    throw connectionLostError();
  }
}
