import { join } from "node:path";
import { startThread, type ThreadServer } from "./served-thread.ts";

/** The programs beside the embedded runtime, each in a thread. */
export interface LocalPrograms {
  /** Stores objects. */
  objects: Omit<ThreadServer, "close">;
  /** Writes layers. */
  layers: Omit<ThreadServer, "close">;
  /** Folder of the files that contain objects. */
  files: string;
  close(): Promise<void>;
}

/** @param folder of the objects @throws {Error} when it cannot be used */
export async function startPrograms(folder: string): Promise<LocalPrograms> {
  const objects = await startThread("object-program", folder);
  const layers = await startThread("layer-program", folder);
  const close = async () => {
    await layers.close();
    await objects.close();
  };
  return { objects, layers, files: join(folder, "files"), close };
}
