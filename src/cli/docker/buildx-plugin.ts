import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import packageInfo from "../../../package.json" with { type: "json" };
import { CommandError } from "../../command/command-error.ts";
import { PLUGIN_VARIABLE, readPluginWords } from "./plugin.ts";
import { useStoredServer } from "./start-plugin.ts";

// The command in the place of the plugin `docker-buildx`, which `docker buildx` and `docker compose build` start:
// `varve docker install --buildx`.

/** The version of buildx whose `bake` compose requires at least. */
const VERSION = `v0.17.0+varve.${packageInfo.version}`;

/** Folders where packages install plugins of docker. */
const FOLDERS = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

/** The metadata that docker and compose read before they use the plugin. */
export function buildxMetadata(): string {
  const metadata = {
    SchemaVersion: "0.1.0",
    Vendor: "varve",
    Version: VERSION,
    ShortDescription: "build and bake of varve, and Docker Buildx",
  };
  return `${JSON.stringify(metadata)}\n`;
}

/**
 * Runs a command of buildx: `build` and `bake` are those of varve, others those of an installed buildx.
 * @param given words after the name of the plugin, from docker's command with those of docker before and around them
 * @param run runs a command of varve
 * @returns the exit code
 */
export async function runBuildx(
  given: readonly string[],
  run: (words: readonly string[]) => Promise<number | undefined>,
): Promise<number | undefined> {
  const call = readPluginWords(given, "buildx");
  const words = call?.words ?? given;
  switch (words[0]) {
    case "b":
    case "build":
    case "bake":
    case "f":
      Object.assign(process.env, call?.variables);
      useStoredServer();
      return run([words[0] === "f" ? "bake" : words[0] === "b" ? "build" : words[0], ...words.slice(1)]);
    case "version":
      process.stdout.write(`varve/buildx ${VERSION}\n`);
      return 0;
    default:
      return runInstalled(given, words[0]);
  }
}

async function runInstalled(words: readonly string[], name = "help"): Promise<number> {
  const program = FOLDERS.map((folder) => join(folder, "docker-buildx")).find((path) => existsSync(path));
  if (program === undefined) {
    throw new CommandError(
      `Cannot run docker buildx ${name}: varve is installed as buildx, and has only build and bake`,
      "Install Docker Buildx for its other commands, or run: varve docker uninstall",
    );
  }
  const { [PLUGIN_VARIABLE]: _, ...env } = process.env;
  const child = spawn(program, words, { stdio: "inherit", env });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal ?? "SIGKILL"];
}
