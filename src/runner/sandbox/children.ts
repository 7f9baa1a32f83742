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

function childrenOfThread(path: string): number[] {
  try {
    return readFileSync(`${path}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
