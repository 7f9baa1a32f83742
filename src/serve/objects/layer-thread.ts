import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** Parameters of the thread. */
export interface LayerData {
  /** Folder of the objects. */
  folder: string;
  /** Path of the socket. */
  socket: string;
  /** The required `authorization` header. */
  authorization: string;
}

/** A server that writes layers. */
export interface LayerServer {
  /** As `unix:/tmp/varve-x/layers`. */
  address: string;
  authorization: string;
  close(): Promise<void>;
}

/**
 * Starts a thread that writes layers to a folder of objects. It listens on a socket in a folder that only this user can
 * enter.
 * @throws {Error} when the folder cannot be used
 */
export async function startLayerServer(folder: string): Promise<LayerServer> {
  const place = await mkdtemp(join(tmpdir(), "varve-"));
  const socket = join(place, "layers");
  const authorization = `Bearer ${randomBytes(32).toString("hex")}`;
  try {
    const workerData: LayerData = { folder, socket, authorization };
    const thread = new Worker(program, { workerData });
    await once(thread, "message");
    return {
      address: `unix:${socket}`,
      authorization,
      async close() {
        thread.postMessage("close");
        await once(thread, "exit");
        await rm(place, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    await rm(place, { recursive: true, force: true });
    throw cause;
  }
}

/** The module next to this one: TypeScript in the repository, JavaScript in the package. */
const program = fileURLToPath(
  new URL(`./layer-program${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href,
);
