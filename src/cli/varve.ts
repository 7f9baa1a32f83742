#!/usr/bin/env node
import { CommandError, EXIT, errorText, exitCodeOf } from "./command-error.ts";
import { commands } from "./commands.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads no further, as `head`, has what he wants.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(errorText(new CommandError(`Cannot write to stdout: ${error.message}`)));
  process.exit(EXIT.failed);
});
// Where nobody hears how far it is, it goes on all the same.
process.stderr.on("error", () => {});

const [name, ...words] = process.argv.slice(2);
if (name !== undefined && Object.hasOwn(commands, name)) {
  try {
    process.exitCode = await (await commands[name]?.load())?.(words);
  } catch (error) {
    process.stderr.write(errorText(error));
    process.exitCode = exitCodeOf(error);
  }
} else {
  const { overview } = await import("./overview.ts");
  process.exitCode = await overview(name, words);
}
