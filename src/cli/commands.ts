import type { CommandTable } from "./command.ts";

/** Every command, in the order of the help. Each is loaded on first use, because loading takes most of the start. */
export const commands: CommandTable = {
  build: {
    summary: "Build an image from a Dockerfile",
    load: async () => (await import("./build/build-command.ts")).buildCommand,
  },
  bake: {
    summary: "Build the targets of a bake or compose file",
    load: async () => (await import("./bake/bake-command.ts")).bakeCommand,
  },
  kaniko: {
    summary: "Build and push an image, with the flags of kaniko's executor",
    load: async () => (await import("./kaniko/kaniko-command.ts")).kanikoCommand,
  },
  check: {
    summary: "Lint a Dockerfile",
    load: async () => (await import("./build/check-command.ts")).checkCommand,
  },
  explain: {
    summary: "Show why the steps of a build were cached or not",
    load: async () => (await import("./build/explain-command.ts")).explainCommand,
  },
  builds: {
    summary: "List builds and show their logs and details",
    load: async () => (await import("./build/builds-command.ts")).buildsCommand,
  },
  run: {
    summary: "Run a command in a container of an image, on this machine",
    load: async () => (await import("./container/run-command.ts")).runCommand,
  },
  volume: {
    summary: "List and remove the named volumes of `varve run`",
    load: async () => (await import("./container/volume-command.ts")).volumeCommand,
  },
  images: {
    summary: "List the images on the server",
    load: async () => (await import("./images/list-command.ts")).imagesCommand,
  },
  history: {
    summary: "Show the steps that created an image, last one first",
    load: async () => (await import("./images/history-command.ts")).historyCommand,
  },
  inspect: {
    summary: "Print the details of images as JSON",
    load: async () => (await import("./images/inspect-command.ts")).inspectCommand,
  },
  tag: {
    summary: "Add a name to an image on the server",
    load: async () => (await import("./images/tag-command.ts")).tagCommand,
  },
  imagetools: {
    summary: "Join images of several platforms into one image",
    load: async () => (await import("./images/imagetools-command.ts")).imagetoolsCommand,
  },
  rmi: {
    summary: "Remove tags or images from the server",
    load: async () => (await import("./images/remove-command.ts")).removeCommand,
  },
  push: {
    summary: "Copy an image from the server to another registry",
    load: async () => (await import("./images/push-command.ts")).pushCommand,
  },
  pull: {
    summary: "Copy an image from another registry to the server",
    load: async () => (await import("./images/pull-command.ts")).pullCommand,
  },
  save: {
    summary: "Write images to an archive for `docker load`",
    load: async () => (await import("./images/save-command.ts")).saveCommand,
  },
  load: {
    summary: "Load images into the server, from `docker save` or an OCI layout",
    load: async () => (await import("./images/load-command.ts")).loadCommand,
  },
  login: {
    summary: "Log in to a server or registry; stores the credentials where docker does",
    load: async () => (await import("./server/login-command.ts")).loginCommand,
  },
  logout: {
    summary: "Delete the credentials that `varve login` or `docker login` stored",
    load: async () => (await import("./server/login-command.ts")).logoutCommand,
  },
  token: {
    summary: "Create, list and revoke access tokens of the server",
    load: async () => (await import("./server/token-command.ts")).tokenCommand,
  },
  prune: {
    summary: "Delete unused data and old images from the server",
    load: async () => (await import("./server/prune-command.ts")).pruneCommand,
  },
  usage: {
    summary: "Show the storage used on the server, by kind and by repository",
    load: async () => (await import("./server/usage-command.ts")).usageCommand,
  },
  runner: {
    summary: "Execute RUN steps for a server",
    load: async () => (await import("./runner/runner-command.ts")).runnerCommand,
  },
  serve: {
    summary: "Run a server on this machine",
    load: async () => (await import("./server/serve-command.ts")).serveCommand,
  },
  docker: {
    summary: "Make `docker build` use varve, or undo that",
    load: async () => (await import("./docker/docker-command.ts")).dockerCommand,
  },
  completion: {
    summary: "Print a shell completion script for commands and flags",
    load: async () => (await import("./completion/command.ts")).completionOf(commands),
  },
  version: {
    summary: "Print the versions of this command and of the server",
    load: async () => (await import("./server/version-command.ts")).versionCommand,
  },
};
