import { homedir } from "node:os";
import { join } from "node:path";

/** The file in which docker stores its settings and registry credentials. */
export function configFile(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker"), "config.json");
}
