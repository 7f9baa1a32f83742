import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

/** What `startThread` passes to a program. */
export const { folder, authorization } = workerData as { folder: string; authorization: string };

/** Answers requests that have the secret, until the thread is told to end. @param ended called then */
export async function serveThread(answer: RequestListener, ended: () => void): Promise<void> {
  const expected = Buffer.from(authorization);
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    if (given.length === expected.length && timingSafeEqual(given, expected))
      return answer(request, response);
    response.writeHead(401).end();
  });
  // Runtimes keep connections open, and a body may take as long as its sender needs.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { address, port } = server.address() as AddressInfo;
  parentPort?.once("message", () => {
    server.close();
    server.closeAllConnections();
    ended();
    parentPort?.close();
  });
  parentPort?.postMessage(`${address}:${port}`);
}
