#!/usr/bin/env node
import { errorText, exitCodeOf } from "./command-error.ts";
import { commands } from "./commands.ts";

// Whoever reads no further, as `head`, has what he wants.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

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
