import packageInfo from "../../../package.json" with { type: "json" };
import { UsageError } from "../../command/command-error.ts";
import { buildFlagTable } from "../../command/flags/build-flag-table.ts";
import { parseFlags } from "../../command/flags/parse.ts";
import type { FlagTable } from "../../command/flags/table.ts";

// The command as a plugin of docker's command, which starts `docker-varve` with its own words: `varve build -t app .` for
// `docker varve build -t app .`, and for `docker build -t app .` where the alias `builder` is `varve`.

/** The name of the plugin, and the value of the alias `builder`. */
export const PLUGIN = "varve";
/** Set to `buildx` by the script that is installed as `docker-buildx`. */
export const PLUGIN_VARIABLE = "VARVE_PLUGIN";

/** The metadata that docker reads before it uses a plugin (docker/cli, cli-plugins/metadata). */
export function pluginMetadata(): string {
  const metadata = {
    SchemaVersion: "0.1.0",
    Vendor: "varve",
    Version: packageInfo.version,
    ShortDescription: packageInfo.description.split(":")[0],
  };
  return `${JSON.stringify(metadata)}\n`;
}

/** Flags of docker's command that come before the name of a plugin. */
const dockerFlags = {
  config: { kind: "text", help: "" },
  context: { kind: "text", short: "c", help: "" },
  debug: { kind: "bool", short: "D", help: "" },
  host: { kind: "list", short: "H", help: "" },
  "log-level": { kind: "text", short: "l", help: "" },
  tls: { kind: "bool", help: "" },
  tlscacert: { kind: "text", help: "" },
  tlscert: { kind: "text", help: "" },
  tlskey: { kind: "text", help: "" },
  tlsverify: { kind: "bool", help: "" },
} as const satisfies FlagTable;

interface PluginCall {
  /** The words for the command. */
  words: string[];
  /** Environment variables with the effect of docker's flags. */
  variables: Record<string, string>;
}

/**
 * Reads the words of a plugin. Undefined when they are not those of one.
 * @param plugin its name
 * @throws {UsageError} when a flag of docker cannot be applied
 */
export function readPluginWords(given: readonly string[], plugin = PLUGIN): PluginCall | undefined {
  if (given[0] === "help" && given[1] === plugin)
    return { words: ["help", ...given.slice(2)], variables: {} };
  const at = given.indexOf(plugin);
  const isPlugin = at === 0 || (at > 0 && given[0]?.startsWith("-"));
  if (!isPlugin) return undefined;
  const { values } = parseFlags(dockerFlags, given.slice(0, at), {});
  const { config, context, host, tls, tlscacert, tlscert, tlskey, tlsverify } = values;
  if (tls || tlscacert || tlscert || tlskey) {
    throw new UsageError(
      "--tls, --tlscacert, --tlscert and --tlskey have no effect on a build",
      "Set DOCKER_CERT_PATH and DOCKER_TLS_VERIFY, or use a context.",
    );
  }
  const variables = {
    ...(config !== undefined && { DOCKER_CONFIG: config }),
    ...(context !== undefined && { DOCKER_CONTEXT: context }),
    ...(host[0] !== undefined && { DOCKER_HOST: host[0] }),
    ...(tlsverify && { DOCKER_TLS_VERIFY: "1" }),
  };
  return { words: withLoad(given.slice(at + 1)), variables };
}

/** `docker build` loads its image, unless the result goes elsewhere; an image of several platforms cannot be loaded. */
function withLoad(words: string[]): string[] {
  if (words[0] !== "build") return words;
  try {
    const { values, isHelp } = parseFlags(buildFlagTable, words.slice(1), {});
    const { call, check, load, output, platform, push } = values;
    const isBuild = !check && (call === undefined || call === "build");
    const goesElsewhere = push || output.length > 0 || load === false || platform.join().includes(",");
    return isHelp || !isBuild || goesElsewhere ? words : ["build", "--load", ...words.slice(1)];
  } catch (error) {
    // The command reports it.
    if (error instanceof UsageError) return words;
    throw error;
  }
}
