import { chunks } from "../streams/chunks.ts";
import { RegistryError } from "./errors.ts";
import type { Incoming } from "./upload.ts";

/** The body of a request; undefined when there is none, or none of any length. */
export function incomingOf(request: Request): Incoming | undefined {
  const length = request.headers.get("Content-Length");
  if (request.body === null || length === "0") return undefined;
  const source = received(request.body as ReadableStream<Uint8Array>);
  return length !== null && /^\d{1,15}$/.test(length) ? { source, size: Number(length) } : { source };
}

async function* received(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks(body);
  } catch {
    // The client is gone, or its connection: no fault of the server's.
    throw new RegistryError("BLOB_UPLOAD_INVALID", "the body broke off");
  }
}
