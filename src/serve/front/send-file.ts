import { type FileHandle, open } from "node:fs/promises";
import type { ServerResponse } from "node:http";

/** Bytes that are read at once. */
const STEP = 256 * 1024;

/** Opens a file; undefined when there is none. */
export async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Sends part of a file as the body of a response, as fast as the client reads, and closes the file. A file that is
 * shorter than expected breaks the connection: otherwise the client would accept an incomplete body.
 */
export async function sendFile(
  response: ServerResponse,
  file: FileHandle,
  { offset, length }: { offset: number; length: number },
): Promise<void> {
  // One is read while the other is sent.
  const buffers = [Buffer.allocUnsafeSlow(STEP), Buffer.allocUnsafeSlow(STEP)];
  let sent: Promise<void> = Promise.resolve();
  try {
    for (let [at, turn] = [offset, 0]; at < offset + length; turn = 1 - turn) {
      const buffer = buffers[turn] as Buffer;
      const { bytesRead } = await file.read(buffer, 0, Math.min(STEP, offset + length - at), at);
      if (bytesRead === 0) throw new Error("the file is shorter than it was");
      at += bytesRead;
      await sent;
      sent = write(response, buffer.subarray(0, bytesRead));
      sent.catch(() => {});
    }
    await sent;
    response.end();
  } catch {
    response.destroy();
  } finally {
    await file.close();
  }
}

function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error("the client is gone"));
    response.once("close", onClose);
    response.write(bytes, (error) => {
      response.off("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
