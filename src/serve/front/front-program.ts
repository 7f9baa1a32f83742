import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { LocalRunnerState } from "../../../schemas/runner-list.ts";
import { buildBaseImage } from "../base-image.ts";
import { diskStore } from "../objects/disk-store.ts";
import { createInternalServer } from "../objects/internal-server.ts";
import { serveObjects } from "../objects/serve-objects.ts";
import { createFront } from "./front.ts";
import type { FrontData, FrontOrder, FrontReady } from "./front-thread.ts";
import { HeldBodies } from "./held-bodies.ts";

// The thread that `front-thread.ts` starts: the public HTTP server and the objects. Bytes of blobs pass between the two
// without going through the runtime.

/** Milliseconds between two attempts to restore the reserve of disk space. */
const KEEP_RESERVE = 5_000;

const { folder, authorization, secret, sockets, port, adminToken } = workerData as FrontData;
const store = diskStore(folder);
const bodies = new HeldBodies();
let localRunner: LocalRunnerState | undefined;
const answer = serveObjects(store, { bodies, localRunner: () => localRunner, buildBase });
const objects = createInternalServer(authorization, answer);
objects.listen(sockets.objects);

const front = createFront({
  socket: sockets.worker,
  secret,
  bodies,
  files: store.files,
  makeRoom: () => store.makeRoom(),
});
front.server.listen(port, "127.0.0.1");
await Promise.all([once(objects, "listening"), once(front.server, "listening")]);

let base: Promise<boolean> | undefined;
/** Once for all requests of the same time. */
function buildBase(): Promise<boolean> {
  base ??= buildBaseImage(`http://localhost:${portOf(front.server)}`, { token: adminToken })
    .then(({ kind }) => kind !== "missing")
    .catch(() => false)
    .finally(() => {
      base = undefined;
    });
  return base;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const keepReserve = () => void store.keepReserve().catch(() => {});
keepReserve();
const keeping = setInterval(keepReserve, KEEP_RESERVE);
parentPort?.on("message", (order: FrontOrder) => {
  if (typeof order === "object") {
    localRunner = order;
    return;
  }
  front.close();
  if (order === "close front") {
    parentPort?.postMessage("closed");
    return;
  }
  clearInterval(keeping);
  objects.close();
  objects.closeAllConnections();
  store.close();
  parentPort?.close();
});
parentPort?.postMessage({
  port: portOf(front.server),
  files: store.files,
} satisfies FrontReady);
