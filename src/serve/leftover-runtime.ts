import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { pause } from "../streams/pause.ts";

/** Milliseconds between two looks whether a process has ended. */
const LOOK_MS = 20;

/**
 * Ends the runtime of a server that was killed. It continues its builds and prunes, beside the runtime of the next server. Call
 * it only while no other server can use the folder. Finds nothing where the machine has no `/proc`.
 */
export async function endLeftoverRuntime(folder: string): Promise<void> {
  const prefix = `${await realpath(folder)}/`;
  for (const pid of entriesOf("/proc").filter((name) => /^\d+$/.test(name))) {
    if (programOf(pid) !== "workerd" || !hasFilesIn(pid, prefix)) continue;
    console.error(`Ending the runtime of a server that was killed: process ${pid}`);
    process.kill(Number(pid), "SIGKILL");
    while (programOf(pid) === "workerd" && hasFilesIn(pid, prefix)) await pause(LOOK_MS);
  }
}

function programOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}

function hasFilesIn(pid: string, prefix: string): boolean {
  return entriesOf(`/proc/${pid}/fd`).some((number) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${number}`).startsWith(prefix);
    } catch {
      return false;
    }
  });
}

/** Empty for a folder that cannot be read: of another user, or of a process that has ended. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
