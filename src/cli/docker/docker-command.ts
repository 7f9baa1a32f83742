import { accessSync, constants, lstatSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag } from "../../command/flags/server-flag.ts";
import { configFile } from "../../machine/docker-config-file.ts";
import { readConfig, writeConfig } from "../../machine/docker-credentials.ts";
import { makeFolder } from "../../runner/make-folder.ts";
import { command } from "../command.ts";
import { ownCommand } from "../own-command.ts";
import { PLUGIN } from "./plugin.ts";

/** The alias under which docker looks for the command that builds. */
const ALIAS = "builder";

/** `varve docker install` and `uninstall`. */
export const dockerCommand = command(
  {
    name: "docker",
    usage: "install [OPTIONS] | uninstall",
    summary: "Let `docker build` use varve, or docker's own builder again",
    about:
      "install makes varve a plugin of docker's command and its builder: `docker build` and `docker builder build` build at the server and load the image into docker, unless --push or --output says otherwise; `docker builder prune` prunes the server. `docker buildx` stays as it is. uninstall undoes this.",
    flags: {
      server: {
        kind: "text",
        value: "URL",
        help: "install: the server of `docker build` (default: VARVE_SERVER of each build, or http://localhost:8787)",
      },
    },
    args: [1, 1],
    words: ["install", "uninstall"],
  },
  async ({ values, args: [action] }) => {
    const file = configFile(process.env);
    switch (action) {
      case "install":
        install(file, values.server && serverFlag(values.server, process.env));
        return EXIT.ok;
      case "uninstall":
        uninstall(file);
        return EXIT.ok;
      default:
        throw new UsageError(`varve docker has no "${action}": it has install and uninstall`);
    }
  },
);

function install(file: string, server: string | undefined): void {
  const config = readConfig(file);
  const aliases = recordOf(config.aliases);
  const other = aliases[ALIAS];
  if (other !== undefined && other !== PLUGIN) {
    throw new CommandError(
      `Cannot install: in ${file} the builder of docker is already "${other}"`,
      'Remove it there (aliases, builder), or run "docker buildx uninstall" if it is buildx.',
    );
  }
  const link = pluginFile(file);
  makeFolder(dirname(link), 0o755);
  rmSync(link, { force: true });
  writePlugin(link);
  const plugins = recordOf(config.plugins);
  writeConfig(file, {
    ...config,
    aliases: { ...aliases, [ALIAS]: PLUGIN },
    ...(server !== undefined && { plugins: { ...plugins, [PLUGIN]: { server } } }),
  });
  process.stdout.write(`Wrote ${link}\nSet the alias "${ALIAS}" in ${file}: docker build uses varve\n`);
}

function uninstall(file: string): void {
  const link = pluginFile(file);
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) {
    rmSync(link);
    process.stdout.write(`Removed ${link}\n`);
  }
  const { aliases, plugins, ...config } = readConfig(file);
  const { [ALIAS]: builder, ...otherAliases } = recordOf(aliases);
  const { [PLUGIN]: settings, ...otherPlugins } = recordOf(plugins);
  if (builder !== PLUGIN && settings === undefined) return;
  writeConfig(file, {
    ...config,
    ...keepOthers("aliases", builder === PLUGIN ? otherAliases : recordOf(aliases)),
    ...keepOthers("plugins", otherPlugins),
  });
  process.stdout.write(`Removed varve from ${file}: docker build uses docker's own builder\n`);
}

function keepOthers(name: string, entries: Record<string, unknown>): Record<string, unknown> {
  return Object.keys(entries).length === 0 ? {} : { [name]: entries };
}

function pluginFile(config: string): string {
  return join(dirname(config), "cli-plugins", `docker-${PLUGIN}`);
}

/** A link to this command, or a script that runs it where it is not executable, as in a clone of the repository. */
function writePlugin(link: string): void {
  const words = ownCommand();
  const program = realpathSync(words.at(-1) ?? "");
  try {
    accessSync(program, constants.X_OK);
    symlinkSync(program, link);
  } catch {
    const quoted = [process.execPath, program].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    writeFileSync(link, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`, { mode: 0o755 });
  }
}

/** The server that `varve docker install --server` stored. @throws {CredentialError} */
export function storedServer(environment: NodeJS.ProcessEnv): string | undefined {
  const settings = recordOf(recordOf(readConfig(configFile(environment)).plugins)[PLUGIN]);
  return typeof settings.server === "string" ? settings.server : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
