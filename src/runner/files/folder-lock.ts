import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { plainEnvironment } from "../command.ts";
import { UnableError } from "../sandbox/ability.ts";

/** Another runner uses the folder. */
export class FolderInUseError extends UnableError {
  override name = "FolderInUseError";
}

/**
 * Locks `folder` against other runners until it is released or this program ends for any reason: flock(1) holds the
 * lock as long as its pipe from this program is open.
 * @throws {FolderInUseError}
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const child = spawn("flock", ["--nonblock", join(folder, "lock"), "sh", "-c", "echo locked; exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: plainEnvironment,
  });
  const exited = once(child, "close").catch(() => {});
  const isLocked = await Promise.race([
    once(child.stdout as Readable, "data").then(() => true),
    exited.then(() => false),
  ]);
  if (!isLocked) throw new FolderInUseError(`Another runner uses ${folder}.`);
  child.unref();
  return {
    async release() {
      child.ref();
      child.stdin?.end();
      await exited;
    },
  };
}
