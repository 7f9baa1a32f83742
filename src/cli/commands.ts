import type { CommandTable } from "./command.ts";

/** Every command, in the order of the help. Each is loaded on first use, because loading takes most of the start. */
export const commands: CommandTable = {
  build: {
    summary: "Build an image from a Dockerfile and a folder",
    load: async () => (await import("./build/build-command.ts")).buildCommand,
  },
  bake: {
    summary: "Build the targets of a bake or compose file",
    load: async () => (await import("./bake/bake-command.ts")).bakeCommand,
  },
  kaniko: {
    summary: "Build and push with the flags of kaniko's executor",
    load: async () => (await import("./kaniko/kaniko-command.ts")).kanikoCommand,
  },
  check: {
    summary: "Lint a Dockerfile",
    load: async () => (await import("./build/check-command.ts")).checkCommand,
  },
  explain: {
    summary: "Say why the steps of a build were cached or not",
    load: async () => (await import("./build/explain-command.ts")).explainCommand,
  },
  builds: {
    summary: "List builds and their runs, and print what is kept of them",
    load: async () => (await import("./build/builds-command.ts")).buildsCommand,
  },
  run: {
    summary: "Run a command in a container of an image",
    load: async () => (await import("./container/run-command.ts")).runCommand,
  },
  volume: {
    summary: "List and remove the named volumes of varve run",
    load: async () => (await import("./container/volume-command.ts")).volumeCommand,
  },
  images: {
    summary: "List images of the server",
    load: async () => (await import("./images/list-command.ts")).imagesCommand,
  },
  history: {
    summary: "Show how an image was made, the last step first",
    load: async () => (await import("./images/history-command.ts")).historyCommand,
  },
  inspect: {
    summary: "Print everything that is known of images, as JSON",
    load: async () => (await import("./images/inspect-command.ts")).inspectCommand,
  },
  tag: {
    summary: "Give an image of the server another name",
    load: async () => (await import("./images/tag-command.ts")).tagCommand,
  },
  rmi: {
    summary: "Take tags or images away from the server",
    load: async () => (await import("./images/remove-command.ts")).removeCommand,
  },
  push: {
    summary: "Copy an image of the server to another registry",
    load: async () => (await import("./images/push-command.ts")).pushCommand,
  },
  pull: {
    summary: "Copy an image of another registry to the server",
    load: async () => (await import("./images/pull-command.ts")).pullCommand,
  },
  save: {
    summary: "Write images into an archive that `docker load` reads",
    load: async () => (await import("./images/save-command.ts")).saveCommand,
  },
  load: {
    summary: "Take images of `docker save` or an OCI layout into the server",
    load: async () => (await import("./images/load-command.ts")).loadCommand,
  },
  login: {
    summary: "Store what a server or registry asks of its users, where docker stores it",
    load: async () => (await import("./server/login-command.ts")).loginCommand,
  },
  logout: {
    summary: "Forget what `varve login` or `docker login` stored",
    load: async () => (await import("./server/login-command.ts")).logoutCommand,
  },
  token: {
    summary: "Make, list and revoke tokens of the server",
    load: async () => (await import("./server/token-command.ts")).tokenCommand,
  },
  prune: {
    summary: "Remove what nothing refers to, and images that are not wanted",
    load: async () => (await import("./server/prune-command.ts")).pruneCommand,
  },
  usage: {
    summary: "Show what is stored at the server, by kind and by repository",
    load: async () => (await import("./server/usage-command.ts")).usageCommand,
  },
  runner: {
    summary: "Execute RUN steps for a server",
    load: async () => (await import("./runner/runner-command.ts")).runnerCommand,
  },
  serve: {
    summary: "Serve on this machine",
    load: async () => (await import("./server/serve-command.ts")).serveCommand,
  },
  docker: {
    summary: "Let `docker build` use varve, or docker's own builder again",
    load: async () => (await import("./docker/docker-command.ts")).dockerCommand,
  },
  completion: {
    summary: "Print a script that lets a shell complete commands and flags",
    load: async () => (await import("./completion/command.ts")).completionOf(commands),
  },
  version: {
    summary: "Print the versions of the command and of the server",
    load: async () => (await import("./server/version-command.ts")).versionCommand,
  },
};
