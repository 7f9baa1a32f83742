import { homedir } from "node:os";
import { join } from "node:path";

/** Where docker keeps its settings and the credentials of registries. */
export function configFile(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker"), "config.json");
}
