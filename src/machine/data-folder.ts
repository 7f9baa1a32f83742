import { homedir } from "node:os";
import { join } from "node:path";

/** Where a user's volumes and unpacked layers are kept (XDG Base Directory Specification). */
export function dataFolder(environment: Record<string, string | undefined>): string {
  const { XDG_DATA_HOME } = environment;
  // A relative path is to be ignored.
  const base = XDG_DATA_HOME?.startsWith("/") ? XDG_DATA_HOME : join(homedir(), ".local/share");
  return join(base, "varve");
}
