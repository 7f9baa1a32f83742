import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { LocalRunnerState } from "../../../schemas/runner.ts";

/** What the thread is started with. */
export interface FrontData {
  /** Folder of the objects. */
  folder: string;
  /** The `authorization` header that the object server requires. */
  authorization: string;
  /** What the Worker requires of each request. */
  secret: string;
  /** Paths of sockets: of the object server, and of the Worker. */
  sockets: { objects: string; worker: string };
  /** Of the public server on loopback. 0 takes any free port. */
  port: number;
  /** Of the admin; empty where the server requires none. */
  adminToken: string;
}

/** What the thread says when it is ready. */
export interface FrontReady {
  port: number;
  files: string;
}

/** A message to the thread: close the connections of clients, stop, or a new state of the runner of this machine. */
export type FrontOrder = "close front" | "close" | LocalRunnerState;

/** Where the runtime finds the objects. */
export interface ObjectServer {
  /** As `unix:/tmp/varve-x/objects`. */
  address: string;
  authorization: string;
  /** Folder of the files that objects are. */
  files: string;
}

/** The public server and the objects of a local server. */
export interface Front {
  /** Of the public server. */
  port: number;
  objects: ObjectServer;
  /** Where the runtime is to listen: path of a socket. */
  socket: string;
  /** What the Worker requires of each request. */
  secret: string;
  /** The runtime listens: from now on requests reach it. To be called again when it was restarted. */
  connect(): Promise<void>;
  /** Notes the state of the runner of this machine, for `GET /v1/runners`. */
  reportRunner(state: LocalRunnerState): void;
  /** Ends the connections of clients. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

/** Beside this module: TypeScript here, JavaScript in the package. */
const program = fileURLToPath(
  new URL(`./front-program${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href,
);

/**
 * Serves clients on loopback and the objects of a folder, in a thread of its own: bytes that pass through make its small
 * heap collect garbage, not the large one of this process. The connections to the runtime are sockets in a folder that
 * only this user can enter: another user cannot reach them, and neither can a step, which has other folders.
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
}): Promise<Front> {
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
      // A runtime that is restarted cannot listen at the path of the one before it as long as that is there.
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

/** The path at which miniflare's runtime listens, which takes it for a host and a port follows. */
function boundTo(socket: string): string {
  return `${socket}:0`;
}
