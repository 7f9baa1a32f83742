import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** A server in a thread of this process, on loopback, for callers that have its secret. */
export interface ThreadServer {
  /** As `127.0.0.1:40000`. */
  address: string;
  /** The `authorization` header that it requires. */
  authorization: string;
  close(): Promise<void>;
}

/**
 * Starts a program of this folder in a thread. It receives the folder of the objects and the header as `workerData`, posts
 * its address when it listens, and ends when it receives a message.
 * @param name of the program, without its extension
 * @throws {Error} when the program fails before it listens
 */
export async function startThread(name: string, folder: string): Promise<ThreadServer> {
  const authorization = `Bearer ${randomBytes(32).toString("hex")}`;
  const thread = new Worker(programOf(name), { workerData: { folder, authorization } });
  const [address] = (await once(thread, "message")) as [string];
  const close = async () => {
    thread.postMessage("close");
    await once(thread, "exit");
  };
  return { address, authorization, close };
}

/** TypeScript beside this module, JavaScript in the package. */
function programOf(name: string): string {
  const extension = extname(new URL(import.meta.url).pathname);
  return fileURLToPath(new URL(`./${name}${extension}`, import.meta.url).href);
}
