import { readdirSync, readFileSync } from "node:fs";

/** Ids of the running child processes of a process, of all its threads. */
export function childrenOf(pid: number | undefined): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      childrenOfThread(`/proc/${pid}/task/${thread}`),
    );
  } catch {
    return [];
  }
}

/**
 * Kills what is left of the process group of a program that has ended. When it may not make a user namespace,
 * unshare(1) leaves a helper process that waits forever and keeps the output open.
 */
export function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The group is empty.
  }
}

function childrenOfThread(path: string): number[] {
  try {
    return readFileSync(`${path}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
