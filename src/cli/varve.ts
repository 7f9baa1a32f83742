#!/usr/bin/env node
import { errorText } from "./command-error.ts";

// Each command is loaded when it is asked for: starting takes as long as what is loaded.
const commands: Record<string, () => Promise<(args: string[]) => Promise<number>>> = {
  build: async () => (await import("./build-command.ts")).buildCommand,
  check: async () => (await import("./check-command.ts")).checkCommand,
  explain: async () => (await import("./explain-command.ts")).explainCommand,
  runner: async () => (await import("./runner-command.ts")).runnerCommand,
  serve: async () => (await import("./serve-command.ts")).serveCommand,
};

const usage = `Usage: varve COMMAND

Commands:
  build    Build an image from a Dockerfile and a folder
  check    Lint a Dockerfile
  explain  Say why the steps of a build were cached or not
  runner   Carry out RUN steps for a server
  serve    Serve on this machine
`;

const [name, ...args] = process.argv.slice(2);
const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
if (load === undefined) {
  process.stderr.write(name === undefined ? usage : `ERROR: unknown command "${name}"\n\n${usage}`);
  process.exitCode = 1;
} else {
  try {
    process.exitCode = await (await load())(args);
  } catch (error) {
    process.stderr.write(errorText(error));
    process.exitCode = 1;
  }
}
