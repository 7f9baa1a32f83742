import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Replaces a file of the user atomically, readable only by the user. Leaves nothing else after a failure. */
export function replaceFile(file: string, contents: string | Uint8Array): void {
  const fresh = `${file}.${randomUUID()}.new`;
  try {
    writeFileSync(fresh, contents, { mode: 0o600 });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
