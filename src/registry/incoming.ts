import { chunks } from "../streams/chunks.ts";
import type { Incoming } from "./upload.ts";

/** The body of a request; undefined when there is none, or none of any length. */
export function incomingOf(request: Request): Incoming | undefined {
  const length = request.headers.get("Content-Length");
  if (request.body === null || length === "0") return undefined;
  const source = chunks(request.body as ReadableStream<Uint8Array>);
  return length !== null && /^\d{1,15}$/.test(length) ? { source, size: Number(length) } : { source };
}
