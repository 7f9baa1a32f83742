import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isSea } from "node:sea";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag } from "../../command/flags/server-flag.ts";
import { configFile } from "../../machine/docker-config-file.ts";
import { readDockerConfig, writeConfig } from "../../machine/docker-credentials.ts";
import { makeFolder } from "../../runner/files/make-folder.ts";
import { command } from "../command.ts";
import { ownCommand } from "../own-command.ts";
import { PLUGIN, PLUGIN_VARIABLE } from "./plugin.ts";

/** The alias under which docker looks for the command that builds. */
const ALIAS = "builder";

/** `varve docker install` and `uninstall`. */
export const dockerCommand = command(
  {
    name: "docker",
    usage: "install [OPTIONS] | uninstall",
    summary: "Make `docker build` use varve, or undo that",
    about:
      "install makes varve a plugin and the builder of the docker command: `docker build` and `docker builder build` build on the server and load the image into docker, except with --push or --output; `docker builder prune` prunes the server. `docker buildx` does not change, except with --buildx, which replaces its build and bake. uninstall undoes this.",
    flags: {
      server: {
        kind: "text",
        value: "URL",
        help: "install: server for `docker build` (default: VARVE_SERVER at build time, or http://localhost:8787)",
      },
      buildx: {
        kind: "bool",
        help: "install: also replace `docker buildx build` and `docker buildx bake`, which docker compose uses",
      },
    },
    args: [1, 1],
    words: ["install", "uninstall"],
  },
  async ({ values, args: [action] }) => {
    const file = configFile(process.env);
    switch (action) {
      case "install":
        if (values.buildx) requireOwnBuildx(file);
        install(file, values.server && serverFlag(values.server, process.env));
        if (values.buildx) installBuildx(file);
        return EXIT.ok;
      case "uninstall":
        uninstall(file);
        return EXIT.ok;
      default:
        throw new UsageError(`unknown action "${action}"`, "Use install or uninstall.");
    }
  },
);

function install(file: string, server: string | undefined): void {
  const config = readDockerConfig(file);
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

/** @throws {CommandError} when the user has another buildx, which is not replaced */
function requireOwnBuildx(config: string): void {
  const script = pluginFile(config, "buildx");
  if (!existsSync(script) || isOwnScript(script)) return;
  throw new CommandError(
    `Cannot install as buildx: ${script} exists`,
    "Move it to /usr/local/lib/docker/cli-plugins, where varve finds it for the other commands of buildx.",
  );
}

function installBuildx(config: string): void {
  const script = pluginFile(config, "buildx");
  writeScript(script, `${PLUGIN_VARIABLE}=buildx `);
  process.stdout.write(`Wrote ${script}: docker buildx and docker compose build use varve\n`);
}

function isOwnScript(path: string): boolean {
  return readFileSync(path, "latin1").includes(`${PLUGIN_VARIABLE}=buildx `);
}

function uninstall(file: string): void {
  const script = pluginFile(file, "buildx");
  if (existsSync(script) && isOwnScript(script)) {
    rmSync(script);
    process.stdout.write(`Removed ${script}\n`);
  }
  const link = pluginFile(file);
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) {
    rmSync(link);
    process.stdout.write(`Removed ${link}\n`);
  }
  const { aliases, plugins, ...config } = readDockerConfig(file);
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

function pluginFile(config: string, plugin = PLUGIN): string {
  return join(dirname(config), "cli-plugins", `docker-${plugin}`);
}

/** A link to this command, or a script that runs it where it is not executable, as in a clone of the repository. */
function writePlugin(link: string): void {
  const program = realpathSync(ownCommand().at(-1) ?? "");
  try {
    accessSync(program, constants.X_OK);
    symlinkSync(program, link);
  } catch {
    writeScript(link);
  }
}

/** A script that runs this command. @param variables set for it, as `NAME=value ` */
function writeScript(path: string, variables = ""): void {
  const program = realpathSync(ownCommand().at(-1) ?? "");
  const words = isSea() ? [process.execPath] : [process.execPath, program];
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  rmSync(path, { force: true });
  writeFileSync(path, `#!/bin/sh\n${variables}exec ${quoted.join(" ")} "$@"\n`, { mode: 0o755 });
}

/** The server that `varve docker install --server` stored. @throws {Error} */
export function storedServer(environment: NodeJS.ProcessEnv): string | undefined {
  const settings = recordOf(recordOf(readDockerConfig(configFile(environment)).plugins)[PLUGIN]);
  return typeof settings.server === "string" ? settings.server : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
