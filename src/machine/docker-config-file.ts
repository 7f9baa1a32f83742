import { join } from "node:path";
import { homeFolder } from "./data-folder.ts";

/** The file in which docker stores its settings and registry credentials. */
export function configFile(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.DOCKER_CONFIG || join(homeFolder(environment), ".docker"), "config.json");
}
