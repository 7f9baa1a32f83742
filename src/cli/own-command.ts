import { isSea } from "node:sea";

/** The words that start this command again: the single executable, or Node with the script. */
export function ownCommand(): [program: string, ...args: string[]] {
  return isSea() ? [process.execPath] : [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)];
}
