import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { ProblemError } from "./problem.ts";

/** The bytes of a request, unbuffered. @throws {ProblemError} `upload-broken` when the client has disconnected */
export async function* readRequestBody({ body }: Request): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* chunks(body as ReadableStream<Uint8Array>);
  } catch (cause) {
    throw new ProblemError("upload-broken", {
      hint: "When a proxy limits bodies, use varve build, or send parts: docs/http.md, Bodies above the limit of a proxy.",
      detail: `Cannot read the request to its end: ${cause instanceof Error ? cause.message : cause}`,
    });
  }
}

/**
 * The text of a request.
 * @throws {TooLargeError} for more than `maxBytes` bytes
 * @throws {ProblemError} `upload-broken`
 */
export async function readRequestText(request: Request, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await collect(readRequestBody(request), maxBytes));
}
