import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { diskStore } from "./disk-store.ts";
import type { LayerData } from "./layer-thread.ts";
import { serveLayers } from "./serve-layers.ts";

// The thread that `layer-thread.ts` starts: writes layers, with compression on all cores.

const { folder, socket, authorization } = workerData as LayerData;
const store = diskStore(folder, { isShared: true });
const answer = serveLayers(store);
const expected = Buffer.from(authorization);
const server = createServer((request, response) => {
  const given = Buffer.from(request.headers.authorization ?? "");
  if (given.length === expected.length && timingSafeEqual(given, expected)) return answer(request, response);
  response.writeHead(401).end();
});
// The runtime reuses connections, and a layer may take any time.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.listen(socket);
await once(server, "listening");
parentPort?.once("message", () => {
  server.close();
  server.closeAllConnections();
  store.close();
  parentPort?.close();
});
parentPort?.postMessage("ready");
