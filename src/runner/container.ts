import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { constants, hostname as machineName } from "node:os";
import { join } from "node:path";
import { isatty } from "node:tty";
import type { StoredLayer } from "../../schemas/runner.ts";
import { accountOf } from "./accounts.ts";
import { execInContainer } from "./container-exec.ts";
import { type ContainerMount, placeContainerMounts, placeNetworkFiles } from "./container-mounts.ts";
import { type Host, launch } from "./launch.ts";
import { MountStubs, makeWorkdir, SYSTEM_POINTS } from "./mount-stubs.ts";
import type { Limits } from "./oci-spec.ts";
import { removeTree } from "./remove-tree.ts";
import { startedFile } from "./runtime.ts";
import { type Exit, Sandbox } from "./sandbox.ts";
import { quote } from "./shell-quote.ts";
import { isAlive, programName } from "./snapshots/directory-claims.ts";
import type { DirectoryStore, FetchBlob } from "./snapshots/directory-store.ts";
import { holdStack } from "./snapshots/layer-stack.ts";
import { type AttachedTerminal, TerminalControl } from "./terminal-control.ts";
import { requireIds } from "./user-namespace.ts";
import type { Volumes } from "./volumes.ts";

/** A container, as `docker run` would make it. */
export interface ContainerOptions {
  layers: readonly StoredLayer[];
  /** How layers that are not unpacked here are fetched. */
  fetchBlob: FetchBlob;
  args: readonly string[];
  env: readonly (readonly [name: string, value: string])[];
  workdir: string;
  /** `user[:group]`, as in USER; empty for root. */
  user: string;
  /** Unlike that of any other that runs. */
  name?: string;
  /** Default: that of the machine in its network, else one of the container's own. */
  hostname?: string;
  network: "host" | "none";
  mounts: readonly ContainerMount[];
  readonly: boolean;
  limits: Limits;
  capabilities: readonly string[];
  /** Further lines of `/etc/hosts`. */
  hosts: readonly (readonly [name: string, address: string])[];
  /** Reads what this program would read. */
  stdin: boolean;
  /** Has a terminal of its own, connected with the one of this program, or with `attached`. */
  terminal: boolean;
  /** Reads and writes the terminal instead of this program. */
  attached?: AttachedTerminal;
  /** Limits that this machine cannot set are ignored. Default: they are an error. */
  canBeUnlimited?: boolean;
}

/** What containers of one machine share. */
export interface ContainerHost extends Host {
  /** Folder for the files of running containers. */
  containers: string;
  store: DirectoryStore;
  volumes: Volumes;
}

/** There is no container: docker's reasons and words. */
export class ContainerError extends Error {
  override name = "ContainerError";
  /** As `docker run` exits: 125 it is not docker's or the command's fault, 126 it cannot be called, 127 it is not there. */
  readonly exitCode: number;
  /** The runtime has said so already, on standard error. */
  readonly isTold: boolean;

  constructor(message: string, exitCode = 125, isTold = false) {
    super(message);
    this.exitCode = exitCode;
    this.isTold = isTold;
  }
}

/** A container that runs. */
export interface RunningContainer {
  /** The exit code: the command's own, or 128 and the number of the signal that ended it. */
  exit: Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** Of a container with an attached terminal. */
  terminal?: TerminalControl;
  /** Executes a further process. Resolves with its exit code. */
  exec(command: readonly string[], output: (text: string) => void): Promise<number>;
  /** Ends it; nothing of it is left when this resolves. */
  close(): Promise<void>;
}

/**
 * Starts a container from the first state of its image. What it writes goes where this program writes.
 * @throws {ContainerError | AccountError | ContainerMountError | VolumeNameError | SandboxError} when there is none
 */
export async function startContainer(
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
  const { command, ground, cgroup, describe } = launch(host, { id, folder, network, log });
  if (!options.canBeUnlimited && cgroup === undefined && Object.keys(options.limits).length > 0) {
    throw new ContainerError(
      "memory, processors and processes cannot be limited here: there are no control groups",
    );
  }
  const isTyped = terminal && attached === undefined && isatty(0);
  const sandbox = await Sandbox.open(
    folder,
    [{ name: "root", paths: stack.paths, root: stack.root, writable: true }],
    terminal && !isTyped ? withTerminal(command, attached, host.runtime.name === "unshare") : command,
    ground,
    // The end of what is typed would be handed on as a character.
    attached === undefined
      ? { stdin: stdin || isTyped ? "own" : terminal ? "silent" : "none", piped: false, terminal }
      : { stdin: "piped", piped: true, terminal: false },
  );
  undo.defer(() => host.groups.remove(id));
  undo.defer(() => sandbox.close());

  const root = `${sandbox.inside}/root/merged`;
  const account = accountOf(root, options.user);
  requireIds(account, `the command runs as ${account.uid}:${account.gid}`);
  makeWorkdir(root, options.workdir, { uid: 0, gid: 0 });
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
  const cleanup = undo.move();
  const control = attached && new TerminalControl(sandbox, attached);
  sandbox.run();
  const close = once(() => cleanup.disposeAsync());
  const target = { id, sandbox, bundle: join(folder, "memory"), hasGroups: cgroup !== undefined };
  return {
    exit: sandbox.exit.then(async (exit) => {
      const written = readLog(log);
      const isStarted = existsSync(startedFile(log));
      const failure = isStarted ? undefined : startFailure(written);
      if (isStarted) passOn(written, attached);
      await close();
      if (failure !== undefined) throw failure;
      return exitCodeOf(exit);
    }),
    signal: (name) => (control === undefined ? sandbox.signal(name) : control.signal(name)),
    ...(control && { terminal: control }),
    exec: (words, output) => execInContainer(target, host, words, output),
    close,
  };
}

/**
 * The command at a terminal that `script` makes: runtimes connect a container's terminal with their own. Without a
 * runtime that makes another one, it is the container's, and shows what is typed.
 */
function withTerminal(
  command: readonly string[],
  attached: AttachedTerminal | undefined,
  isOwn: boolean,
): string[] {
  const { rows, columns } = attached?.size ?? {};
  const setUp = attached && `stty rows ${rows} columns ${columns}${isOwn ? " echo" : ""}; `;
  return [
    "script",
    "--quiet",
    "--echo",
    "never",
    "--return",
    "--command",
    `${setUp ?? ""}exec ${command.map(quote).join(" ")}`,
    "/dev/null",
  ];
}

function exitCodeOf({ code, signal }: Exit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** The runtime's log; empty when it has none. */
function readLog(log: string): string {
  return existsSync(log) ? readFileSync(log, "utf8") : "";
}

/** Passes on what a process left in its terminal that ended before crun read it: crun writes that to its log. */
function passOn(log: string, attached: AttachedTerminal | undefined): void {
  // runc logs warnings in lines of its own form. crun ends with a line end of its own.
  const left = log.startsWith("time=") ? "" : log.replace(/\n$/, "");
  if (left === "") return;
  if (attached === undefined) process.stdout.write(left);
  else attached.output(Buffer.from(left));
}

/** Why the runtime could not start the command, as it wrote it; undefined when it could. */
function startFailure(text: string): ContainerError | undefined {
  // A command that was started and then failed is no failure of the runtime, and those say so on standard error.
  const [, message] =
    /level=(?:error|fatal) msg="((?:[^"\\]|\\.)*)"/.exec(text) ?? /^(?:\S+Z: )?(.+)$/m.exec(text) ?? [];
  if (message === undefined) return undefined;
  const isMissing = /not found|no such file/i.test(message);
  const isRefused = /not executable|permission denied|not a regular file|is a directory/i.test(message);
  return new ContainerError(message.replaceAll('\\"', '"'), isMissing ? 127 : isRefused ? 126 : 125, true);
}

/** The folder of a container is named by the program that runs it, and by its name. */
function makeFolder(containers: string, name: string): string {
  const mine = `${programName()}+${name}`;
  if (readdirSync(containers).some((other) => other.slice(other.indexOf("+") + 1) === name)) {
    throw new ContainerError(`Conflict. The container name "/${name}" is already in use.`);
  }
  const folder = join(containers, mine);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** What programs left that were killed: nothing of it is mounted or runs any more. */
async function removeLeftovers(containers: string): Promise<void> {
  await mkdir(containers, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(containers)) {
    if (!isAlive(name.slice(0, name.indexOf("+")))) await removeTree(join(containers, name));
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
