import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { diskStore } from "./disk-store.ts";
import { serveObjects } from "./serve-objects.ts";

/** An object server, for whoever knows its token. */
export interface ObjectServer {
  /** As `127.0.0.1:40000`. */
  address: string;
  /** The `authorization` header that it wants. */
  authorization: string;
  close(): Promise<void>;
}

/**
 * Serves the objects of a folder in a thread of its own: bytes that pass through make its small heap collect garbage, not
 * the large one of this process.
 * @throws {Error} when the folder cannot be used
 */
export async function startObjectServer(folder: string): Promise<ObjectServer> {
  const authorization = `Bearer ${randomBytes(32).toString("hex")}`;
  const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { folder, authorization } });
  const [address] = (await once(thread, "message")) as [string];
  const close = async () => {
    thread.postMessage("close");
    await once(thread, "exit");
  };
  return { address, authorization, close };
}

async function serve(folder: string, authorization: string): Promise<void> {
  const store = diskStore(folder);
  const answer = serveObjects(store);
  const expected = Buffer.from(authorization);
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    if (given.length === expected.length && timingSafeEqual(given, expected))
      return answer(request, response);
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
  parentPort?.postMessage(`${address}:${port}`);
}

if (!isMainThread && workerData?.authorization !== undefined) {
  await serve(workerData.folder, workerData.authorization);
}
