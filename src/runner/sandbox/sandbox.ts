import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { plainEnvironment } from "../command.ts";
import { quoteForShell } from "../files/shell-quote.ts";
import type { NamespaceDescriptors } from "../network/network-namespace.ts";
import { childrenOf, killGroup } from "./children.ts";
import { HostError } from "./host-error.ts";
import { closeWriteEnds, openOutputPipes } from "./output-pipes.ts";
import { makeStackFolders, type Stack } from "./overlay-stacks.ts";
import { SAME_USERS } from "./user-namespace.ts";

/** How sandboxes are made on this machine. */
export interface SandboxMethod {
  /** Options of overlayfs beyond those that name directories. */
  overlay: string;
  /** Prefix of the extended attributes that overlayfs uses for its marks. */
  prefix: "trusted" | "user";
  /** Root needs a new user namespace, with the same users, to be allowed to mount. */
  userNamespace: boolean;
  /** Containers are made with root's rights over the machine, not only over a user namespace. */
  ownsMachine: boolean;
}

/** Input and output of the command. */
interface Streams {
  /** `own`: this program's input. `none`: empty. `silent`: open without data. `piped`: `Sandbox.stdin`. */
  stdin: "own" | "none" | "silent" | "piped";
  /** Whether it writes into pipes or to this program's output. */
  piped: boolean;
  /**
   * Whether it uses this program's terminal. Otherwise it has its own session, so that Ctrl-C at this program's terminal
   * does not reach it.
   */
  terminal: boolean;
  /** The network for the command to enter. */
  namespaces?: NamespaceDescriptors | undefined;
}

/** Numbers of the descriptors that processes in the sandbox inherit. */
export const NETWORK_DESCRIPTOR = 5;
const USERS_DESCRIPTOR = 6;

const STDIN = { own: "inherit", none: "ignore", silent: "pipe", piped: "pipe" } as const;
export const PIPES: Streams = { stdin: "none", piped: true, terminal: false };

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * A mount namespace and a process namespace for one job. All mounts and processes in them end with their first process,
 * which ends when this program ends for any reason.
 */
export class Sandbox {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #output: readonly Readable[];
  readonly #exit: Promise<Exit>;

  private constructor(folder: string, child: ChildProcess, output: readonly Readable[]) {
    this.#folder = folder;
    this.#child = child;
    this.#output = output;
    const read = output.map((stream) => new Promise((resolve) => stream.once("close", resolve)));
    const ended = new Promise<Exit>((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
      child.once("error", () => resolve({ code: null, signal: null }));
    });
    this.#exit = Promise.all([ended, ...read]).then(([exit]) => exit);
  }

  /**
   * Mounts the stacks in `folder`, and a memory file system for secrets and settings at `<folder>/memory`.
   * `run` then starts `command` inside, in the working directory `folder`.
   * @throws {HostError} when the machine cannot mount the file systems
   */
  static async open(
    folder: string,
    stacks: readonly Stack[],
    command: readonly string[],
    method: SandboxMethod,
    { stdin, piped, terminal, namespaces }: Streams = PIPES,
  ): Promise<Sandbox> {
    const mounts = makeStackFolders(folder, stacks, method.overlay);
    const script = [
      "set -e",
      // Errors go into the pipe that reports readiness.
      `exec 7>&2 2>&3${namespaces === undefined ? ` ${NETWORK_DESCRIPTOR}<&-` : ""} ${USERS_DESCRIPTOR}<&-`,
      `cd ${quoteForShell(folder)}`,
      "mount -t tmpfs -o mode=0700,nosuid,nodev tmpfs memory",
      ...mounts,
      "echo ready >&3",
      "read -r go <&4",
      "exec 2>&7 3>&- 4>&- 7>&-",
      ...(terminal ? OWN_TERMINAL : []),
      `exec ${command.map(quoteForShell).join(" ")}`,
    ].join("\n");
    const pipes = piped ? await openOutputPipes() : [];
    const [stdout, stderr] = piped
      ? pipes.map(({ write }) => write)
      : ["inherit" as const, "inherit" as const];
    const [program = "", ...words] = holder(method, namespaces);
    const child = spawn(program, [...words, "sh", "-c", script], {
      detached: !terminal,
      stdio: [
        STDIN[stdin],
        stdout,
        stderr,
        "pipe",
        "pipe",
        namespaces?.network ?? "ignore",
        namespaces?.users ?? "ignore",
      ],
      // The newer interface of mount(8) accepts at most 256 bytes of lower directories.
      env: { ...plainEnvironment, LIBMOUNT_FORCE_MOUNT2: "always" },
    });
    closeWriteEnds(pipes);
    const sandbox = new Sandbox(
      folder,
      child,
      pipes.map(({ read }) => read),
    );
    sandbox.#go.on("error", () => {});
    const clean = () => killGroup(child.pid);
    if (!terminal) child.once("exit", clean);
    await sandbox.#ready();
    child.off("exit", clean);
    return sandbox;
  }

  async #ready(): Promise<void> {
    let output = "";
    const control = this.#child.stdio[3] as Readable;
    const read = (chunk: Buffer) => {
      output += chunk.toString();
    };
    // setpriv and unshare report their errors here.
    for (const stream of this.#output) stream.on("data", read);
    await new Promise<void>((resolve) => {
      control.on("data", (chunk: Buffer) => {
        read(chunk);
        if (output.endsWith("ready\n")) resolve();
      });
      control.once("error", () => resolve());
      this.#exit.then(() => resolve());
    });
    for (const stream of this.#output) stream.off("data", read).pause();
    if (!output.endsWith("ready\n")) {
      throw new HostError(
        `Cannot mount the file systems of the step: ${output.trim() || "the process ended without a message"}`,
      );
    }
  }

  /** Path through which this program sees the job's folder with its mounts. */
  get inside(): string {
    return `/proc/${this.#child.pid}/root${this.#folder}`;
  }

  /** The process that becomes the command. */
  get pid(): number | undefined {
    return childrenOf(this.#child.pid)[0];
  }

  /** Output of the command; undefined when it writes to this program's output. */
  get stdout(): Readable | undefined {
    return this.#output[0];
  }

  get stderr(): Readable | undefined {
    return this.#output[1];
  }

  /** Input of the command, if it is a pipe. */
  get stdin(): Writable | null {
    return this.#child.stdin;
  }

  get #go(): Writable {
    return this.#child.stdio[4] as Writable;
  }

  /** Starts the command. Readers of its output must be attached before. */
  run(): void {
    for (const stream of this.#output) stream.resume();
    this.#go.end("go\n");
  }

  /** Resolves when the command has ended and all its output was read. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  /** Sends a signal to the command, which passes it on to the container. */
  signal(name: NodeJS.Signals): void {
    for (const pid of childrenOf(this.#child.pid)) {
      try {
        process.kill(pid, name);
      } catch {
        // The process has ended.
      }
    }
  }

  /** Ends all processes inside and waits for their end. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      // The kernel ends all processes of the namespace before it reports the end of the first one.
      if (childrenOf(this.#child.pid).length > 0) this.signal("SIGKILL");
      else this.#child.kill("SIGKILL");
    }
    for (const stream of this.#output) stream.destroy();
    await this.#exit;
  }
}

/** The command that makes the namespaces. Its inner process ends with the outer one, and the outer one with this program. */
function holder({ userNamespace }: SandboxMethod, namespaces: NamespaceDescriptors | undefined): string[] {
  const ofNetwork = namespaces?.users !== undefined;
  return [
    ...["setpriv", "--pdeathsig", "KILL"],
    // A network namespace can be entered only from its user namespace.
    ...(ofNetwork ? ["nsenter", `--user=/proc/self/fd/${USERS_DESCRIPTOR}`, "--preserve-credentials"] : []),
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"],
    ...(userNamespace && !ofNetwork ? SAME_USERS : []),
  ];
}

/** Reopens the terminal, so that non-blocking reads of the command do not affect the shell that uses the same terminal. */
const OWN_TERMINAL: readonly string[] = [
  "if [ -t 0 ]; then exec </dev/tty; fi",
  "if [ -t 1 ]; then exec >/dev/tty; fi",
  "if [ -t 2 ]; then exec 2>/dev/tty; fi",
];
