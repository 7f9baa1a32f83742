import { runProgram } from "../command.ts";

/** Removes a tree with rm(1), because names may be any bytes. */
export async function removeTree(path: string): Promise<void> {
  await runProgram("rm", ["-rf", "--one-file-system", "--", path]);
}
