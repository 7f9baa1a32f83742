import type { BuildEvent } from "../../../schemas/events.ts";
import { eventText } from "./event-text.ts";

/** Media types in which the events of a build can be sent. */
type EventFormat = "application/x-ndjson" | "text/event-stream" | "text/plain";

/** The event format that `Accept` requests; undefined when it requests the manifest. */
export function eventFormat(accept: string | undefined): EventFormat | undefined {
  for (const range of (accept ?? "").split(",")) {
    const type = range.split(";")[0]?.trim().toLowerCase();
    if (type === "application/x-ndjson" || type === "text/event-stream" || type === "text/plain") return type;
  }
  return undefined;
}

/**
 * Headers of a streamed response, against compression by an intermediary, which would delay events: the first header turns it
 * off at Cloudflare, the second in the embedded server.
 */
export const STREAM_HEADERS = { "cache-control": "no-store, no-transform", "content-encoding": "identity" };

/** Writes events in the requested format. */
export function eventResponse(
  events: AsyncIterable<BuildEvent>,
  format: EventFormat,
  headers: HeadersInit,
): Response {
  const encoder = new TextEncoder();
  const pieces = piecesOf(events, format);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await pieces.next();
        if (done) return controller.close();
        if (value === "") continue;
        return controller.enqueue(encoder.encode(value));
      }
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      ...Object.fromEntries(new Headers(headers)),
      "content-type": `${format}; charset=utf-8`,
      ...STREAM_HEADERS,
    },
  });
}

async function* piecesOf(events: AsyncIterable<BuildEvent>, format: EventFormat): AsyncGenerator<string> {
  if (format === "text/plain") return yield* eventText(events);
  for await (const event of events) {
    const data = JSON.stringify(event);
    yield format === "application/x-ndjson"
      ? `${data}\n`
      : `id: ${event.seq}\nevent: ${event.type}\ndata: ${data}\n\n`;
  }
}
