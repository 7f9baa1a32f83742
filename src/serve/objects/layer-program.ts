import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { diskStore } from "./disk-store.ts";
import { createInternalServer } from "./internal-server.ts";
import type { LayerData } from "./layer-thread.ts";
import { serveLayers } from "./serve-layers.ts";

// The thread that `layer-thread.ts` starts: writes layers, with compression on all cores.

const { folder, socket, authorization } = workerData as LayerData;
const store = diskStore(folder, { isShared: true });
const answer = serveLayers(store);
const server = createInternalServer(authorization, answer);
server.listen(socket);
await once(server, "listening");
parentPort?.once("message", () => {
  server.close();
  server.closeAllConnections();
  store.close();
  parentPort?.close();
});
parentPort?.postMessage("ready");
