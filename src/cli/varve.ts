#!/usr/bin/env node
import { basename } from "node:path";
import { CommandError, EXIT, errorText, exitCodeOf } from "../command/command-error.ts";
import { exitOnSignals } from "../command/interrupt.ts";
import { commands } from "./commands.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader, such as `head`, has closed the pipe.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(errorText(new CommandError(`Cannot write to stdout: ${error.message}`)));
  process.exit(EXIT.failed);
});
exitOnSignals();
// Continue when the reader of the progress output has closed it.
process.stderr.on("error", () => {});

/** The words of a command. docker adds its own when it starts a plugin; `executor` is the name of kaniko's program. */
async function readWords(words: readonly string[]): Promise<readonly string[]> {
  if (basename(process.argv[1] ?? "") === "executor")
    return words[0] === "version" ? words : ["kaniko", ...words];
  if (process.env.DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND === undefined) return words;
  const { pluginWords } = await import("./docker/start-plugin.ts");
  return pluginWords(words);
}

async function run(given: readonly string[]): Promise<number | undefined> {
  if (process.env.VARVE_PLUGIN !== "buildx") return runCommand(given);
  const { buildxMetadata, runBuildx } = await import("./docker/buildx-plugin.ts");
  if (given[0] !== "docker-cli-plugin-metadata") return runBuildx(given, runCommand);
  process.stdout.write(buildxMetadata());
  return EXIT.ok;
}

async function runCommand(given: readonly string[]): Promise<number | undefined> {
  if (given[0] === "docker-cli-plugin-metadata") {
    const { pluginMetadata } = await import("./docker/plugin.ts");
    process.stdout.write(pluginMetadata());
    return EXIT.ok;
  }
  const [name, ...words] = await readWords(given);
  if (name !== undefined && Object.hasOwn(commands, name)) return (await commands[name]?.load())?.(words);
  const { overview } = await import("./overview.ts");
  return overview(name, words);
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(errorText(error));
    process.exitCode = exitCodeOf(error);
  },
);
