import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { Socket } from "node:net";
import { constants, hostname as machineName } from "node:os";
import { join } from "node:path";
import { isatty } from "node:tty";
import type { StoredLayer } from "../../../schemas/runner.ts";
import { MountStubs, makeContainerWorkdir, SYSTEM_POINTS } from "../files/mount-stubs.ts";
import { removeTree } from "../files/remove-tree.ts";
import { quoteForShell } from "../files/shell-quote.ts";
import { ContainerNetwork } from "../network/container-network.ts";
import { once } from "../once.ts";
import { accountOf } from "../sandbox/accounts.ts";
import { type Host, launch } from "../sandbox/launch.ts";
import type { ResourceLimits } from "../sandbox/oci-spec.ts";
import { type RuntimeLog, readRuntimeLog } from "../sandbox/runtime-log.ts";
import { type Exit, Sandbox } from "../sandbox/sandbox.ts";
import { type AttachedTerminal, firstSize, TerminalControl } from "../sandbox/terminal-control.ts";
import { requireIds } from "../sandbox/user-namespace.ts";
import { isAlive, programName } from "../snapshots/directory-claims.ts";
import type { DirectoryStore, FetchBlob } from "../snapshots/directory-store.ts";
import { holdStack } from "../snapshots/layer-stack.ts";
import { ContainerError } from "./container-error.ts";
import { execInContainer } from "./container-exec.ts";
import { type ContainerMount, placeContainerMounts, placeNetworkFiles } from "./container-mounts.ts";
import type { Volumes } from "./volumes.ts";

/** A container, as `docker run` makes it. */
export interface ContainerOptions {
  layers: readonly StoredLayer[];
  /** Fetches layers that are not unpacked on this machine. */
  fetchBlob: FetchBlob;
  args: readonly string[];
  env: readonly (readonly [name: string, value: string])[];
  workdir: string;
  /** `user[:group]`, as in USER; empty for root. */
  user: string;
  /** Unique among running containers. */
  name?: string;
  /** Default: the machine's in the machine's network, else the start of the container's id. */
  hostname?: string;
  network: "host" | "none";
  mounts: readonly ContainerMount[];
  readonly: boolean;
  limits: ResourceLimits;
  capabilities: readonly string[];
  /** Further lines of `/etc/hosts`. */
  hosts: readonly (readonly [name: string, address: string])[];
  /** Whether the container reads this program's standard input. */
  stdin: boolean;
  /** Whether it has a terminal, connected with this program's terminal or with `attached`. */
  terminal: boolean;
  /** The other end of the terminal, instead of this program. */
  attached?: AttachedTerminal;
  /** Ignores limits that this machine cannot set. Default: they are an error. */
  canBeUnlimited?: boolean;
}

/** State that the containers of one machine share. */
export interface ContainerHost extends Host {
  /** Folder for the files of running containers. */
  containers: string;
  store: DirectoryStore;
  volumes: Volumes;
}

/** A container that runs. */
export interface RunningContainer {
  /** The command's exit code, or 128 plus the number of the signal that ended it. */
  exit: Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** For a container with an attached terminal. */
  terminal?: TerminalControl;
  /** Executes a further process. Resolves with its exit code. */
  exec(command: readonly string[], output: (text: string) => void): Promise<number>;
  /** Connects to a port on its loopback; for a container of crun or runc without a network. @throws {ContainerError} */
  connect(port: number): Promise<Socket>;
  /** Stops the container. Resolves when all its processes have ended and its files are deleted. */
  close(): Promise<void>;
}

/**
 * Starts a container from its image. Without an attached terminal it writes to this program's output.
 * @throws {ContainerError | JobError | HostError | Error} when it cannot start
 */
export async function executeContainer(
  options: ContainerOptions,
  host: ContainerHost,
): Promise<RunningContainer> {
  const id = randomBytes(32).toString("hex");
  await removeLeftovers(host.containers);
  const folder = makeFolder(host.containers, options.name ?? id);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeTree(folder));
  const stack = await holdStack(host.store, options.layers, options.fetchBlob, new AbortController().signal);
  undo.defer(() => stack.release());

  const { network, terminal, stdin, attached } = options;
  const log = join(folder, "runtime.log");
  const { command, method, cgroup, describe } = launch(host, { id, folder, network, log });
  if (!options.canBeUnlimited && cgroup === undefined && Object.keys(options.limits).length > 0) {
    throw new ContainerError(
      "Cannot limit memory, processors or processes: this machine has no control groups to write to",
    );
  }
  const isTyped = terminal && attached === undefined && isatty(0);
  const sandbox = await Sandbox.open(
    folder,
    [{ name: "root", paths: stack.paths, root: stack.root, writable: true }],
    terminal && !isTyped ? withTerminal(command, attached, host.runtime.name === "unshare") : command,
    method,
    // `script` would pass the end of its input on as a character, so the input of a terminal stays open.
    attached === undefined
      ? { stdin: stdin || isTyped ? "own" : terminal ? "silent" : "none", piped: false, terminal }
      : { stdin: "piped", piped: true, terminal: false },
  );
  undo.defer(() => host.groups.remove(id));
  undo.defer(() => sandbox.close());

  const root = `${sandbox.inside}/root/merged`;
  const account = accountOf(root, options.user);
  requireIds(account, `the command runs as ${account.uid}:${account.gid}`);
  makeContainerWorkdir(root, options.workdir, { uid: 0, gid: 0 });
  const hostname = options.hostname ?? (network === "host" ? machineName() : id.slice(0, 12));
  const placed = [
    ...placeNetworkFiles(folder, { hostname, network, hosts: options.hosts }),
    ...(await placeContainerMounts(options.mounts, { root, folder, volumes: host.volumes })),
  ];
  const points = placed.map(({ point }) => point);
  for (const [index, point] of [...SYSTEM_POINTS, ...points].entries())
    new MountStubs().make(root, point, [...SYSTEM_POINTS, ...points].slice(0, index));
  describe(sandbox, {
    ...options,
    account,
    hostname,
    env: [["HOSTNAME", hostname], ...(terminal ? ([["TERM", "xterm"]] as const) : []), ...options.env],
    mounts: placed.map(({ spec }) => spec),
    ...(terminal && isatty(1) && { size: process.stdout }),
    ...(attached && { size: attached.size }),
  });
  const loopback = new ContainerNetwork(sandbox, host.method.userNamespace);
  undo.defer(() => loopback.close());
  const cleanup = undo.move();
  const control = attached && new TerminalControl(sandbox, attached);
  sandbox.run();
  const close = once(() => cleanup.disposeAsync());
  const target = { id, sandbox, bundle: join(folder, "memory"), hasGroups: cgroup !== undefined };
  return {
    exit: sandbox.exit.then(async (exit) => {
      const { failure, output } = readLog(log);
      await close();
      if (failure !== undefined) throw startError(failure);
      if (output !== "") (attached?.output ?? writeOut)(Buffer.from(output));
      return exitCodeOf(exit);
    }),
    signal: (name) => (control === undefined ? sandbox.signal(name) : control.signal(name)),
    ...(control && { terminal: control }),
    connect: (port) => loopback.connect(port),
    exec: (words, output) => execInContainer(target, host, words, output),
    close,
  };
}

/**
 * Runs the command in a terminal made by script(1): runtimes connect a container's terminal with their own. Without a
 * runtime, this terminal is the container's own, so it echoes input.
 */
function withTerminal(
  command: readonly string[],
  attached: AttachedTerminal | undefined,
  isOwn: boolean,
): string[] {
  const setUp = attached && `${firstSize(attached.size)}${isOwn ? " echo" : ""}; `;
  return [
    "script",
    "--quiet",
    "--echo",
    "never",
    "--return",
    "--command",
    `${setUp ?? ""}exec ${command.map(quoteForShell).join(" ")}`,
    "/dev/null",
  ];
}

function exitCodeOf({ code, signal }: Exit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function readLog(path: string): RuntimeLog {
  try {
    return readRuntimeLog(readFileSync(path, "utf8"));
  } catch {
    return { failure: undefined, output: "" };
  }
}

function writeOut(bytes: Buffer): void {
  process.stdout.write(bytes);
}

/** @param message of the runtime */
function startError(message: string): ContainerError {
  const isMissing = /not found|no such file/i.test(message);
  const isRefused = /not executable|permission denied|not a regular file|is a directory/i.test(message);
  return new ContainerError(message, isMissing ? 127 : isRefused ? 126 : 125, true);
}

/** The name of a container's folder contains the name of the program that runs it, so that leftovers are found. */
function makeFolder(containers: string, name: string): string {
  const mine = `${programName()}+${name}`;
  if (readdirSync(containers).some((other) => other.slice(other.indexOf("+") + 1) === name)) {
    throw new ContainerError(`Conflict. The container name "/${name}" is already in use.`);
  }
  const folder = join(containers, mine);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Removes the folders of killed programs. Nothing in them is mounted or running. */
async function removeLeftovers(containers: string): Promise<void> {
  await mkdir(containers, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(containers)) {
    if (!isAlive(name.slice(0, name.indexOf("+")))) await removeTree(join(containers, name));
  }
}
