import { serverFlags } from "../../command/flags/server-flag.ts";
import { sharedFlags } from "../../command/flags/shared-flags.ts";
import { type Flag, type FlagTable, ignored } from "../../command/flags/table.ts";

const published = "the container is in the network of this machine, where its ports are open anyway";
const removed = "a container is always removed when it ends";
const local = "nothing but the command's output is kept of a container";

/** What `docker run` has and this has not. @param reason after "because" */
function missing(kind: Flag["kind"], reason: string, short?: string): Flag {
  return { kind, help: reason, alias: true, ...(short !== undefined && { short }) };
}

/** Flags that would change what the container is: they are refused rather than left out. */
export const refusedRunFlags = {
  detach: missing(
    "bool",
    "there is nobody who would look after it: use a service manager, or & in a shell",
    "d",
  ),
  privileged: missing("bool", "no container has more rights than docker gives by default"),
  restart: missing("text", "there is nobody who would do it: use a service manager"),
  gpus: missing("text", "no devices are passed on"),
  device: missing("list", "no devices are passed on"),
  init: missing("bool", "no init program comes with varve: have one in the image"),
  "volumes-from": missing("list", "no container outlives its command: use named volumes"),
} as const satisfies FlagTable;

/** Flags of `varve run`: those of `docker run`, in docker's spelling. */
export const runFlagTable = {
  "add-host": { kind: "list", value: "NAME:ADDRESS", help: "Add a line to /etc/hosts" },
  "cap-add": { kind: "list", value: "NAME", help: "Add a capability, of those that docker gives by default" },
  "cap-drop": { kind: "list", value: "NAME", help: "Take a capability, or ALL" },
  cpus: { kind: "text", value: "NUMBER", help: "Processors that it may use, as 1.5" },
  entrypoint: { kind: "text", value: "PROGRAM", help: "Instead of the image's entrypoint and command" },
  env: {
    kind: "list",
    short: "e",
    value: "NAME[=VALUE]",
    help: "Set a variable; without a value from the environment",
  },
  "env-file": { kind: "list", value: "FILE", completes: "file", help: "Read variables from a file" },
  hostname: { kind: "text", short: "h", value: "NAME", help: "Name of the machine as the container sees it" },
  interactive: { kind: "bool", short: "i", help: "Let the command read standard input" },
  memory: { kind: "text", short: "m", value: "BYTES", help: "Memory that it may use, as 512m" },
  mount: {
    kind: "list",
    value: "SPEC",
    help: "Mount something: type=bind,src=PATH,dst=PATH[,ro], type=volume,src=NAME,dst=PATH or type=tmpfs,dst=PATH",
  },
  name: { kind: "text", help: "A name that no other running container may have" },
  network: { kind: "text", value: "KIND", help: "host: the network of this machine (default), or none" },
  "pids-limit": { kind: "text", value: "NUMBER", help: "Processes and threads that it may have" },
  platform: { kind: "text", value: "PLATFORM", help: "Platform of the image, as linux/arm64" },
  pull: {
    kind: "text",
    choices: ["always", "missing", "never"],
    value: "WHEN",
    help: "Fetch layers that are not here: missing (default, as always: the server is always asked what the name stands for) or never",
  },
  runtime: sharedFlags.runtime,
  quiet: { kind: "bool", short: "q", help: "Say nothing of layers that are fetched" },
  "read-only": { kind: "bool", help: "Let nothing be written but to mounts" },
  "stop-signal": {
    kind: "text",
    value: "SIGNAL",
    help: "What SIGTERM is for the command (default: as the image says)",
  },
  "stop-timeout": { kind: "text", value: "SECONDS", help: "Kill it so long after SIGTERM (default: 10)" },
  tmpfs: { kind: "list", value: "PATH[:OPTIONS]", help: "Mount a file system in memory" },
  tty: { kind: "bool", short: "t", help: "Give it a terminal" },
  user: {
    kind: "text",
    short: "u",
    value: "USER[:GROUP]",
    help: "Who it runs as: names of the image, or numbers",
  },
  volume: {
    kind: "list",
    short: "v",
    value: "[SOURCE:]PATH[:ro]",
    help: "Mount a folder of this machine, a named volume, or a volume that ends with the container",
  },
  workdir: { kind: "text", short: "w", value: "PATH", help: "Working directory" },
  ...serverFlags,

  net: { kind: "text", alias: true, help: "" },
  ...refusedRunFlags,
  expose: ignored("list", published),
  publish: ignored("list", published, "p"),
  "publish-all": ignored("bool", published, "P"),
  rm: ignored("bool", removed),
  "sig-proxy": ignored("bool", "signals are always handed on"),
  label: ignored("list", local, "l"),
  "label-file": ignored("list", local),
  "log-driver": ignored("text", local),
  "log-opt": ignored("list", local),
  "no-healthcheck": ignored("bool", "health checks are not carried out"),
} as const satisfies FlagTable;
