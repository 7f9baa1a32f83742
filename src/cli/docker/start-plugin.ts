import { storedServer } from "./docker-command.ts";
import { readPluginWords } from "./plugin.ts";

/**
 * The words of the command. When docker started it as its plugin, without the plugin's name and docker's own flags, whose
 * values are put into the environment.
 * @throws {UsageError | Error}
 */
export function pluginWords(given: readonly string[]): readonly string[] {
  const call = readPluginWords(given);
  if (call === undefined) return given;
  Object.assign(process.env, call.variables);
  useStoredServer();
  return call.words;
}

/** Makes the server of `varve docker install --server` the default one. @throws {Error} */
export function useStoredServer(): void {
  const server = process.env.VARVE_SERVER || storedServer(process.env);
  if (server) process.env.VARVE_SERVER = server;
}
