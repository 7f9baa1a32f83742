import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { diskStore } from "./disk-store.ts";
import { serveObjects } from "./serve-objects.ts";

// What `object-thread.ts` starts: serves the objects of a folder on loopback until it is told to end.

const { folder, authorization } = workerData as { folder: string; authorization: string };
const store = diskStore(folder);
const answer = serveObjects(store);
const expected = Buffer.from(authorization);
const server = createServer((request, response) => {
  const given = Buffer.from(request.headers.authorization ?? "");
  if (given.length === expected.length && timingSafeEqual(given, expected)) return answer(request, response);
  response.writeHead(401).end();
});
// Runtimes keep connections; a body may take as long as whoever sends it.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { address, port } = server.address() as AddressInfo;
parentPort?.once("message", () => {
  server.close();
  server.closeAllConnections();
  store.close();
  parentPort?.close();
});
parentPort?.postMessage({ address: `${address}:${port}`, files: store.files });
