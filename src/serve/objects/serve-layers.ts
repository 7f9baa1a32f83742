import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { executeLayerTask, type LayerProgramTask } from "../../engine/solve/layer-program.ts";
import type { LayerMessage } from "../../engine/solve/remote-layers.ts";
import { blocksInPool, compressInPool, POOL_CHUNKS } from "../../runner/tasks/zlib-pool.ts";
import { isStoreFull, type ObjectStore } from "../../store/object-store.ts";

/** Writes layers for a runtime beside this program: the other end of `remoteLayers`. */
export function serveLayers(store: ObjectStore) {
  return async function serveLayers(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cancel = new AbortController();
    response.once("close", () => cancel.abort(new Error("The caller has disconnected")));
    const send = (message: LayerMessage) => void response.write(`${JSON.stringify(message)}\n`);
    try {
      const task = (await json(request)) as LayerProgramTask;
      const layer = await executeLayerTask(store, task, {
        compress: compressInPool(task.compression),
        pending: POOL_CHUNKS,
        blocks: blocksInPool,
        signal: cancel.signal,
        onProgress: (current, total) => send({ type: "progress", current, total }),
      });
      send({ type: "layer", layer });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      send({ type: "error", message, ...(isStoreFull(error) && { isStoreFull: true }) });
    }
    response.end();
  };
}
