import type { CommandFunction } from "./command.ts";

interface Entry {
  summary: string;
  load(): Promise<CommandFunction>;
}

/** Every command, in the order of the help. Each is loaded when it is asked for: starting takes as long as what is loaded. */
export const commands: Readonly<Record<string, Entry>> = {
  build: {
    summary: "Build an image from a Dockerfile and a folder",
    load: async () => (await import("./build-command.ts")).buildCommand,
  },
  check: {
    summary: "Lint a Dockerfile",
    load: async () => (await import("./check-command.ts")).checkCommand,
  },
  explain: {
    summary: "Say why the steps of a build were cached or not",
    load: async () => (await import("./explain-command.ts")).explainCommand,
  },
  run: {
    summary: "Run a command in a container of an image",
    load: async () => (await import("./run-command.ts")).runCommand,
  },
  runner: {
    summary: "Carry out RUN steps for a server",
    load: async () => (await import("./runner-command.ts")).runnerCommand,
  },
  serve: {
    summary: "Serve on this machine",
    load: async () => (await import("./serve-command.ts")).serveCommand,
  },
  version: {
    summary: "Print the version of the command and of the server",
    load: async () => (await import("./version-command.ts")).versionCommand,
  },
};
