import { homedir, userInfo } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's home folder. Never relative: an empty HOME counts as missing. */
export function homeFolder({ HOME }: Environment): string {
  try {
    return HOME || (HOME === undefined ? homedir() : userInfo().homedir);
  } catch {
    // The system does not know the user, as in a container with any user ID.
    return "/";
  }
}

/** The folder of a user's volumes (XDG Base Directory Specification). */
export function dataFolder(environment: Environment): string {
  return join(environment.XDG_DATA_HOME || join(homeFolder(environment), ".local/share"), "varve");
}

/** The folder of a user's caches (XDG Base Directory Specification). */
export function cacheFolder(environment: Environment): string {
  return join(environment.XDG_CACHE_HOME || join(homeFolder(environment), ".cache"), "varve");
}

/** The folder of unpacked layers and cache mounts, shared by all commands of a user. */
export function runnerFolder(environment: Environment): string {
  return join(cacheFolder(environment), "runner");
}
