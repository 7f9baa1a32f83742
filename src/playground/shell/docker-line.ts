import type { ContainerMountRequest } from "../../../schemas/containers.ts";
import { splitKeyValue } from "../../streams/cut.ts";
import { isTarget, type RunRequest, readVolumeFlag, splitWords } from "../running/run-options.ts";
import { type ReadFlags, readFlags, type ShellFlags } from "./flags.ts";
import { ShellError } from "./shell-error.ts";

/** A docker command that the page can execute. */
export type DockerCommand =
  | {
      kind: "run";
      image: string;
      request: RunRequest;
      name: string | undefined;
      isRemoved: boolean;
      isDetached: boolean;
      isTerminal: boolean;
    }
  | { kind: "build"; tag: string }
  | { kind: "pull" | "history" | "inspect"; image: string }
  | { kind: "images" }
  | { kind: "help" }
  | { kind: "volumes" }
  | { kind: "ps"; isAll: boolean; isQuiet: boolean }
  | { kind: "exec"; container: string; command: string[] }
  | { kind: "logs"; container: string }
  | { kind: "stop"; containers: string[] }
  | { kind: "rm"; containers: string[]; isForced: boolean }
  | { kind: "rmi"; images: string[] }
  | { kind: "tag"; image: string; names: string[] }
  | { kind: "save"; images: string[]; file: string }
  | { kind: "load"; file: string }
  | { kind: "volume-create" | "volume-rm"; names: string[] };

type Reader = (words: readonly string[]) => DockerCommand;

const runFlags: ShellFlags = {
  detach: { short: "d" },
  interactive: { short: "i" },
  tty: { short: "t" },
  rm: {},
  name: { takes: true },
  env: { short: "e", takes: true },
  entrypoint: { takes: true },
  user: { short: "u", takes: true },
  workdir: { short: "w", takes: true },
  volume: { short: "v", takes: true },
  mount: { takes: true },
  tmpfs: { takes: true },
  "read-only": {},
  network: { takes: true },
};

const readers: Readonly<Record<string, Reader>> = {
  run: readRun,
  build(words) {
    const { values, args } = readFlags(words, { tag: { short: "t", takes: true } });
    if (args.length !== 1 || args[0] !== ".") {
      throw new ShellError('"docker build" requires 1 argument: ".", the project that is open');
    }
    return { kind: "build", tag: last(values, "tag") ?? "" };
  },
  pull: (words) => ({ kind: "pull", image: oneArg("pull", readFlags(words, {}).args) }),
  images: (words) => withoutArgs("images", words, { all: { short: "a" } }),
  history: (words) => ({ kind: "history", image: oneArg("history", readFlags(words, {}).args) }),
  inspect: (words) => ({ kind: "inspect", image: oneArg("inspect", readFlags(words, {}).args) }),
  ps(words) {
    const { values } = readFlags(words, { all: { short: "a" }, quiet: { short: "q" } });
    return { kind: "ps", isAll: values.has("all"), isQuiet: values.has("quiet") };
  },
  exec(words) {
    const flags = { interactive: { short: "i" }, tty: { short: "t" } };
    const [container = "", ...command] = readFlags(words, flags, true).args;
    if (command.length === 0) throw new ShellError('"docker exec" requires at least 2 arguments.');
    return { kind: "exec", container, command };
  },
  logs: (words) => ({
    kind: "logs",
    container: oneArg("logs", readFlags(words, { follow: { short: "f" } }).args),
  }),
  stop: (words) => ({ kind: "stop", containers: someArgs("stop", readFlags(words, {}).args) }),
  rm(words) {
    const { values, args } = readFlags(words, { force: { short: "f" } });
    return { kind: "rm", containers: someArgs("rm", args), isForced: values.has("force") };
  },
  rmi: (words) => ({
    kind: "rmi",
    images: someArgs("rmi", readFlags(words, { force: { short: "f" } }).args),
  }),
  tag(words) {
    const [image = "", ...names] = readFlags(words, {}).args;
    if (names.length === 0) throw new ShellError('"docker tag" requires 2 arguments.');
    return { kind: "tag", image, names };
  },
  save(words) {
    const { values, args } = readFlags(words, { output: { short: "o", takes: true } });
    const file = last(values, "output");
    if (file === undefined) {
      throw new ShellError("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    return { kind: "save", images: someArgs("save", args), file };
  },
  load(words) {
    const file = last(readFlags(words, { input: { short: "i", takes: true } }).values, "input");
    if (file === undefined) throw new ShellError("requested load from stdin, but stdin is empty");
    return { kind: "load", file };
  },
  volume(words) {
    const [action, ...names] = words;
    if (action === "ls") return { kind: "volumes" };
    if (action === "create") return { kind: "volume-create", names: [oneArg("volume create", names)] };
    if (action === "rm") return { kind: "volume-rm", names: someArgs("volume rm", names) };
    throw new ShellError("Usage:  docker volume create|ls|rm");
  },
};

/** The management commands, which are aliases: `docker image ls` for `docker images`. */
const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  image: { ls: "images", rm: "rmi", build: "build", pull: "pull", tag: "tag", history: "history" },
  container: { ls: "ps", run: "run", exec: "exec", logs: "logs", stop: "stop", rm: "rm" },
};

/** Names of all supported docker commands. */
export const dockerCommands: readonly string[] = Object.keys(readers).sort();

/** Parses a line of the shell. @throws {ShellError} when the page cannot execute it */
export function readDockerLine(line: string): DockerCommand {
  const words = splitWords(line);
  if (words === undefined) throw new ShellError("sh: unterminated quoted string", 2);
  const [program, ...rest] = words;
  if (program === "help") return { kind: "help" };
  if (program !== "docker") throw new ShellError(`sh: ${program}: not found`, 127);
  if (words.some((word) => /^(?:&&|\|\|?|>>?|<|;|&)$/.test(word))) {
    throw new ShellError(
      "sh: this shell executes one docker command per line; in a container, use sh -c '…'",
      2,
    );
  }
  const [name = "help", ...args] = rest;
  if (name === "help" || name === "--help") return { kind: "help" };
  const grouped = Object.hasOwn(groups, name) ? groups[name]?.[args[0] ?? ""] : undefined;
  if (grouped !== undefined) return read(grouped, args.slice(1));
  return read(name, args);
}

function read(name: string, args: readonly string[]): DockerCommand {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (reader === undefined) {
    throw new ShellError(
      `docker: '${name}' is not supported on this page. Supported commands: ${dockerCommands.join(", ")}`,
    );
  }
  return reader(args);
}

function readRun(words: readonly string[]): DockerCommand {
  const { values, args } = readFlags(words, runFlags, true);
  const [image, ...command] = args;
  if (image === undefined) throw new ShellError('"docker run" requires at least 1 argument.', 125);
  const network = last(values, "network") ?? "none";
  if (network !== "none")
    throw new ShellError(`network ${network} not found: containers on this page have no network`, 125);
  const [user, workdir, entrypoint] = [
    last(values, "user"),
    last(values, "workdir"),
    last(values, "entrypoint"),
  ];
  return {
    kind: "run",
    image,
    name: last(values, "name"),
    isRemoved: values.has("rm"),
    isDetached: values.has("detach"),
    isTerminal: values.has("tty"),
    request: {
      command,
      ...(entrypoint !== undefined && { entrypoint }),
      env: [...(values.get("env") ?? [])],
      ...(user !== undefined && { user }),
      ...(workdir !== undefined && { workdir }),
      mounts: mountsOf(values),
      readonly: values.has("read-only"),
    },
  };
}

function mountsOf(values: ReadFlags["values"]): ContainerMountRequest[] {
  const volumes = (values.get("volume") ?? []).map((text) => {
    const mount = readVolumeFlag(relativeToProject(text));
    if (mount === undefined) throw new ShellError(`invalid volume specification: '${text}'`, 125);
    return mount;
  });
  const tmpfs = (values.get("tmpfs") ?? []).map((text) => {
    const target = text.split(":")[0] as string;
    if (!isTarget(target)) throw new ShellError(`invalid mount path: '${text}'`, 125);
    return { type: "tmpfs" as const, target };
  });
  return [...volumes, ...(values.get("mount") ?? []).map(readMount), ...tmpfs];
}

/** Parses `type=volume,src=NAME,dst=PATH[,readonly]`. */
function readMount(text: string): ContainerMountRequest {
  const fields = new Map(text.split(",").map(splitKeyValue));
  const field = (...names: string[]) =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const invalid = (reason: string) =>
    new ShellError(`invalid argument ${JSON.stringify(text)} for "--mount" flag: ${reason}`, 125);
  const target = field("target", "dst", "destination");
  if (target === undefined || !isTarget(target)) throw invalid("target is required");
  const type = field("type") ?? "volume";
  if (type === "tmpfs") return { type, target };
  if (type !== "volume" && type !== "bind") throw invalid(`mount type ${JSON.stringify(type)} unknown`);
  const source = relativeToProject(field("source", "src") ?? "");
  const mount = readVolumeFlag(`${source}:${target}${field("readonly", "ro") === undefined ? "" : ":ro"}`);
  if (mount?.type !== type) throw invalid(`invalid source ${JSON.stringify(source)}`);
  return mount;
}

/** Makes a path relative to the working directory, which is the folder of the project. */
function relativeToProject(source: string): string {
  return source.replace(/^(?:\$PWD|\$\{PWD\}|\$\(pwd\))/, ".");
}

function last(values: ReadFlags["values"], name: string): string | undefined {
  return values.get(name)?.at(-1);
}

function withoutArgs(kind: "images", words: readonly string[], flags: ShellFlags): DockerCommand {
  readFlags(words, flags);
  return { kind };
}

function oneArg(command: string, args: readonly string[]): string {
  const [arg, ...more] = args;
  if (arg === undefined || more.length > 0) throw new ShellError(`"docker ${command}" requires 1 argument.`);
  return arg;
}

function someArgs(command: string, args: readonly string[]): string[] {
  if (args.length === 0) throw new ShellError(`"docker ${command}" requires at least 1 argument.`);
  return [...args];
}
