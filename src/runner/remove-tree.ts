import { runCommand } from "./command.ts";

/** By the program, not by Node: names may be any bytes. */
export async function removeTree(path: string): Promise<void> {
  await runCommand("rm", ["-rf", "--one-file-system", "--", path]);
}
