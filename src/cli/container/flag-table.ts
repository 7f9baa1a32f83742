import { serverFlags } from "../../command/flags/server-flag.ts";
import { sharedFlags } from "../../command/flags/shared-flags.ts";
import { type Flag, type FlagTable, ignored } from "../../command/flags/table.ts";

const published = "the container uses the network of this machine, so its ports are reachable";
const local = "containers are not kept";

/** A flag of `docker run` that `varve run` does not support. @param reason completes a sentence after "because" */
function missing(kind: Flag["kind"], reason: string, short?: string): Flag {
  return { kind, help: reason, alias: true, ...(short !== undefined && { short }) };
}

/** Unsupported flags that would change the container: they are rejected, not ignored. */
export const refusedRunFlags = {
  detach: missing("bool", "no daemon manages containers: use a service manager, or & in a shell", "d"),
  privileged: missing("bool", "containers have docker's default rights at most"),
  restart: missing("text", "no daemon manages containers: use a service manager"),
  gpus: missing("text", "devices are not available in containers"),
  device: missing("list", "devices are not available in containers"),
  init: missing("bool", "varve has no init program: install one in the image"),
  "volumes-from": missing("list", "containers end with their commands: use named volumes"),
} as const satisfies FlagTable;

/** Flags of `varve run`: those of `docker run`, in docker's spelling. */
export const runFlagTable = {
  "add-host": { kind: "list", value: "NAME:ADDRESS", help: "Add an entry to /etc/hosts" },
  "cap-add": { kind: "list", value: "NAME", help: "Add one of docker's default capabilities" },
  "cap-drop": { kind: "list", value: "NAME", help: "Drop a capability, or ALL" },
  cpus: { kind: "text", value: "NUMBER", help: "Maximum number of processors, e.g. 1.5" },
  entrypoint: { kind: "text", value: "PROGRAM", help: "Replace the image's entrypoint and command" },
  env: {
    kind: "list",
    short: "e",
    value: "NAME[=VALUE]",
    help: "Set an environment variable; without a value, taken from the environment",
  },
  "env-file": {
    kind: "list",
    value: "FILE",
    completes: "file",
    help: "Read environment variables from a file",
  },
  hostname: { kind: "text", short: "h", value: "NAME", help: "Host name of the container" },
  interactive: { kind: "bool", short: "i", help: "Connect stdin to the command" },
  memory: { kind: "text", short: "m", value: "BYTES", help: "Maximum memory, e.g. 512m" },
  mount: {
    kind: "list",
    value: "SPEC",
    help: "Add a mount: type=bind,src=PATH,dst=PATH[,ro], type=volume,src=NAME,dst=PATH or type=tmpfs,dst=PATH",
  },
  name: { kind: "text", help: "Name of the container; must be unique among running containers" },
  network: { kind: "text", value: "KIND", help: "Network: host for that of this machine (default), or none" },
  "pids-limit": { kind: "text", value: "NUMBER", help: "Maximum number of processes and threads" },
  platform: { kind: "text", value: "PLATFORM", help: "Platform of the image, e.g. linux/arm64" },
  pull: {
    kind: "text",
    choices: ["always", "missing", "never"],
    value: "WHEN",
    help: "When to fetch layers: missing (default), always or never. missing and always are the same: both resolve the name on the server",
  },
  runtime: sharedFlags.runtime,
  quiet: { kind: "bool", short: "q", help: "Do not report fetched layers" },
  "read-only": { kind: "bool", help: "Make the root file system read-only; mounts stay writable" },
  "stop-signal": {
    kind: "text",
    value: "SIGNAL",
    help: "Signal that stops the command (default: the image's STOPSIGNAL, or SIGTERM)",
  },
  "stop-timeout": {
    kind: "text",
    value: "SECONDS",
    help: "Time after the stop signal until the command is killed (default: 10)",
  },
  tmpfs: { kind: "list", value: "PATH[:OPTIONS]", help: "Mount an in-memory file system" },
  tty: { kind: "bool", short: "t", help: "Allocate a terminal" },
  user: {
    kind: "text",
    short: "u",
    value: "USER[:GROUP]",
    help: "User and group of the command: names in the image, or ids",
  },
  volume: {
    kind: "list",
    short: "v",
    value: "[SOURCE:]PATH[:ro]",
    help: "Mount a folder of this machine, a named volume, or a temporary volume",
  },
  workdir: { kind: "text", short: "w", value: "PATH", help: "Working directory" },
  ...serverFlags,

  net: { kind: "text", alias: true, help: "" },
  ...refusedRunFlags,
  expose: ignored("list", published),
  publish: ignored("list", published, "p"),
  "publish-all": ignored("bool", published, "P"),
  /** Containers are always removed. */
  rm: { kind: "bool", alias: true, help: "" },
  "sig-proxy": ignored("bool", "signals are always forwarded"),
  label: ignored("list", local, "l"),
  "label-file": ignored("list", local),
  "log-driver": ignored("text", local),
  "log-opt": ignored("list", local),
  "no-healthcheck": ignored("bool", "health checks are not executed"),
} as const satisfies FlagTable;
