import type { BuildEvent } from "../../schemas/events.ts";
import { PlainProgress } from "../engine/plain-progress.ts";

/** How a client wants to be told of a build. */
export type EventFormat = "application/x-ndjson" | "text/event-stream" | "text/plain";

/** The event format that `Accept` asks for; undefined when it asks for the manifest. */
export function eventFormat(accept: string | undefined): EventFormat | undefined {
  for (const range of (accept ?? "").split(",")) {
    const type = range.split(";")[0]?.trim().toLowerCase();
    if (type === "application/x-ndjson" || type === "text/event-stream" || type === "text/plain") return type;
  }
  return undefined;
}

/**
 * Headers of an answer whose parts are to arrive when they are sent. Who compresses it on the way keeps them until there
 * are more: Cloudflare is told not to by the one, the embedded server by the other.
 */
export const sentAtOnce = { "cache-control": "no-store, no-transform", "content-encoding": "identity" };

/** Writes events in the format asked for. */
export function eventResponse(
  events: AsyncIterable<BuildEvent>,
  format: EventFormat,
  headers: HeadersInit,
): Response {
  const encoder = new TextEncoder();
  const render = renderer(format);
  const iterator = events[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(render(value)));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      ...Object.fromEntries(new Headers(headers)),
      "content-type": `${format}; charset=utf-8`,
      ...sentAtOnce,
    },
  });
}

function renderer(format: EventFormat): (event: BuildEvent) => string {
  switch (format) {
    case "application/x-ndjson":
      return (event) => `${JSON.stringify(event)}\n`;
    case "text/event-stream":
      return (event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    case "text/plain": {
      const plain = new PlainProgress();
      return (event) => plain.render(event);
    }
  }
}
