import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of a user's volumes (XDG Base Directory Specification). */
export function dataFolder({ XDG_DATA_HOME }: Environment): string {
  return join(XDG_DATA_HOME || join(homedir(), ".local/share"), "varve");
}

/** The folder of unpacked layers and cache mounts, shared by all commands of a user. */
export function runnerFolder({ XDG_CACHE_HOME }: Environment): string {
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "varve/runner");
}
