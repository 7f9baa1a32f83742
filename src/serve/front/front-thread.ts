import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { LocalRunnerState } from "../../../schemas/runner-list.ts";

/** Parameters of the thread. */
export interface FrontData {
  /** Folder of the objects. */
  folder: string;
  /** The `authorization` header that the object server requires. */
  authorization: string;
  /** The secret that the Worker requires in each request. */
  secret: string;
  /** Paths of sockets: of the object server, and of the Worker. */
  sockets: { objects: string; worker: string };
  /** Of the public server on loopback. 0 takes any free port. */
  port: number;
  /** Of the admin; empty where the server requires none. */
  adminToken: string;
}

/** The thread's message when it is ready. */
export interface FrontReady {
  port: number;
  files: string;
}

/** A message to the thread: close client connections, stop, or the new state of the local runner. */
export type FrontOrder = "close front" | "close" | LocalRunnerState;

/** Access of the runtime to the object server. */
interface ObjectServer {
  /** As `unix:/tmp/varve-x/objects`. */
  address: string;
  authorization: string;
  /** Folder of the objects that are files. */
  files: string;
}

/** The public server and the objects of a local server. */
export interface FrontThread {
  /** Of the public server. */
  port: number;
  objects: ObjectServer;
  /** Path of the socket on which the runtime must listen. */
  socket: string;
  /** The secret that the Worker requires in each request. */
  secret: string;
  /** Starts to forward requests. Call it once the runtime listens, and after each restart of the runtime. */
  connect(): Promise<void>;
  /** Stores the state of the local runner, for `GET /v1/runners`. */
  reportRunner(state: LocalRunnerState): void;
  /** Closes client connections. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

/** The module next to this one: TypeScript in the repository, JavaScript in the package. */
const program = fileURLToPath(
  new URL(`./front-program${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href,
);

/**
 * Starts a thread that serves clients on loopback and the objects of a folder. Bytes that pass through it fill its small
 * heap with garbage, not the main thread's large one. The connections to the runtime are sockets in a folder that
 * only this user can enter, so neither other users nor steps can reach them.
 * @throws {Error} when the port is in use or the folder cannot be used
 */
export async function startFront({
  folder,
  port,
  adminToken = "",
}: {
  folder: string;
  port: number;
  adminToken?: string | undefined;
}): Promise<FrontThread> {
  const secret = randomBytes(32).toString("hex");
  const authorization = `Bearer ${randomBytes(32).toString("hex")}`;
  const place = await mkdtemp(join(tmpdir(), "varve-"));
  const sockets = { objects: join(place, "objects"), worker: join(place, "live") };
  const workerData = { folder, authorization, secret, sockets, port, adminToken } satisfies FrontData;
  try {
    const thread = new Worker(program, { workerData });
    const [ready] = (await once(thread, "message")) as [FrontReady];
    const socket = join(place, "worker");
    const order = (text: FrontOrder) => thread.postMessage(text);
    return {
      port: ready.port,
      objects: { address: `unix:${sockets.objects}`, authorization, files: ready.files },
      socket,
      secret,
      // A restarted runtime cannot bind the path while the old socket exists.
      connect: () => rename(boundTo(socket), sockets.worker),
      reportRunner: (state) => order(state),
      async disconnect() {
        order("close front");
        await once(thread, "message");
      },
      async close() {
        order("close");
        await once(thread, "exit");
        await rm(place, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    await rm(place, { recursive: true, force: true });
    throw cause;
  }
}

/** The path on which the runtime listens: miniflare treats the path as a host and appends a port. */
function boundTo(socket: string): string {
  return `${socket}:0`;
}
