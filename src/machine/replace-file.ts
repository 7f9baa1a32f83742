import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Replaces a file of the user atomically. Leaves nothing else after a failure.
 * @param mode of the file; by default readable only by the user
 */
export function replaceFile(file: string, contents: string | Uint8Array, mode = 0o600): void {
  const fresh = `${file}.${randomUUID()}.new`;
  try {
    writeFileSync(fresh, contents, { mode });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
