import { StoreFullError } from "../../store/object-store.ts";
import type { Fetcher } from "../../store/remote-store.ts";
import { chunks } from "../../streams/chunks.ts";
import { lineBatches } from "../../streams/lines.ts";
import type { LayerProgram, WrittenLayer } from "./layer-program.ts";

/** A line of the response of a layer program; the last one has type `layer` or `error`. */
export type LayerMessage =
  | { type: "progress"; current: number; total: number }
  | { type: "layer"; layer: WrittenLayer }
  | { type: "error"; message: string; isStoreFull?: true };

/** A layer program that is called over HTTP: the task is sent as JSON, and the response consists of JSON lines. */
export function remoteLayers(server: Fetcher): LayerProgram {
  return {
    async write(task, { signal, onProgress }) {
      const answer = await server.fetch("http://layers/", {
        method: "POST",
        body: JSON.stringify(task),
        signal,
      });
      if (!answer.ok || answer.body === null)
        throw new Error(`The layer program responded with ${answer.status}`);
      for await (const lines of lineBatches(chunks(answer.body, 1))) {
        for (const line of lines) {
          const message = JSON.parse(line) as LayerMessage;
          if (message.type === "layer") return message.layer;
          if (message.type === "error") throw errorOf(message);
          onProgress(message.current, message.total);
        }
      }
      throw new Error("The layer program ended without a result");
    },
  };
}

function errorOf({ message, isStoreFull }: Extract<LayerMessage, { type: "error" }>): Error {
  return isStoreFull ? new StoreFullError(message) : new Error(`Cannot write a layer: ${message}`);
}
