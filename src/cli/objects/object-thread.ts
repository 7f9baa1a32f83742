import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** An object server, for whoever knows its token. */
export interface ObjectServer {
  /** As `127.0.0.1:40000`. */
  address: string;
  /** The `authorization` header that it wants. */
  authorization: string;
  /** Folder of the files that objects are. */
  files: string;
  close(): Promise<void>;
}

/** Beside this module: TypeScript here, JavaScript in the package. */
const program = fileURLToPath(
  new URL(`./object-program${extname(new URL(import.meta.url).pathname)}`, import.meta.url).href,
);

/**
 * Serves the objects of a folder in a thread of its own: bytes that pass through make its small heap collect garbage, not
 * the large one of this process.
 * @throws {Error} when the folder cannot be used
 */
export async function startObjectServer(folder: string): Promise<ObjectServer> {
  const authorization = `Bearer ${randomBytes(32).toString("hex")}`;
  const thread = new Worker(program, { workerData: { folder, authorization } });
  const [{ address, files }] = (await once(thread, "message")) as [Pick<ObjectServer, "address" | "files">];
  const close = async () => {
    thread.postMessage("close");
    await once(thread, "exit");
  };
  return { address, authorization, files, close };
}
