#!/usr/bin/env node
import { CommandError, EXIT, errorText, exitCodeOf } from "../command/command-error.ts";
import { commands } from "./commands.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader such as `head` has what it needs.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(errorText(new CommandError(`Cannot write to stdout: ${error.message}`)));
  process.exit(EXIT.failed);
});
// A command whose progress is not read goes on.
process.stderr.on("error", () => {});

/** The words for a command: docker, which starts plugins, has its own before and around them. */
async function readWords(words: readonly string[]): Promise<readonly string[]> {
  if (process.env.DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND === undefined) return words;
  const { pluginWords } = await import("./docker/start-plugin.ts");
  return pluginWords(words);
}

async function run(given: readonly string[]): Promise<number | undefined> {
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

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(errorText(error));
  process.exitCode = exitCodeOf(error);
}
