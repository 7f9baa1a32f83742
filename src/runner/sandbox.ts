import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { childrenOf } from "./children.ts";
import { plainEnvironment } from "./command.ts";
import type { NamespaceDescriptors } from "./network-namespace.ts";
import { handOver, openOutputPipes } from "./output-pipes.ts";
import { layOut, type Stack } from "./overlay-stacks.ts";
import { quote } from "./shell-quote.ts";
import { SAME_USERS } from "./user-namespace.ts";

/** The machine cannot make the file systems of a job. */
export class SandboxError extends Error {
  override name = "SandboxError";
}

/** How this machine lets a sandbox be made. */
export interface Ground {
  /** Options of overlayfs beyond those that name directories. */
  overlay: string;
  /** Of the attributes in which overlayfs keeps its own marks. */
  prefix: "trusted" | "user";
  /** Root lacks what mounting needs, and gets it in a namespace of its own in which users are the same. */
  userNamespace: boolean;
  /** Containers are made with root's rights over the machine, and not only with those of a user namespace. */
  ownsMachine: boolean;
}

/** Where the command reads and writes. */
export interface Streams {
  /** It reads what this program would read, or nothing, or waits without end, or reads what is written to a pipe. */
  stdin: "own" | "none" | "silent" | "piped";
  /** Whether it writes into pipes, or where this program writes. */
  piped: boolean;
  /**
   * Whether it takes over the terminal of this program. Otherwise it is in a session of its own, so that what is typed
   * to interrupt this program does not reach it.
   */
  terminal: boolean;
  /** Of the network that the command is to enter. */
  namespaces?: NamespaceDescriptors | undefined;
}

/** Descriptors that processes inside inherit. */
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
 * A mount namespace and a process namespace for one job. All mounts and processes in them end with the process that
 * holds them, and that one ends with this program, however it ends.
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
   * `command` is what `run` will carry out, inside, with `folder` as its working directory.
   * @throws {SandboxError}
   */
  static async open(
    folder: string,
    stacks: readonly Stack[],
    command: readonly string[],
    ground: Ground,
    { stdin, piped, terminal, namespaces }: Streams = PIPES,
  ): Promise<Sandbox> {
    const mounts = await layOut(folder, stacks, ground.overlay);
    const script = [
      "set -e",
      // What goes wrong here is said through the pipe that says that all is ready.
      `exec 7>&2 2>&3${namespaces === undefined ? ` ${NETWORK_DESCRIPTOR}<&-` : ""} ${USERS_DESCRIPTOR}<&-`,
      `cd ${quote(folder)}`,
      "mount -t tmpfs -o mode=0700,nosuid,nodev tmpfs memory",
      ...mounts,
      "echo ready >&3",
      "read -r go <&4",
      "exec 2>&7 3>&- 4>&- 7>&-",
      ...(terminal ? OWN_TERMINAL : []),
      `exec ${command.map(quote).join(" ")}`,
    ].join("\n");
    const pipes = piped ? await openOutputPipes(folder) : [];
    const [stdout, stderr] = piped
      ? pipes.map(({ write }) => write)
      : ["inherit" as const, "inherit" as const];
    const [program = "", ...words] = holder(ground, namespaces);
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
      // mount(8) would otherwise use the newer interface, which takes no more than 256 bytes of lower directories.
      env: { ...plainEnvironment, LIBMOUNT_FORCE_MOUNT2: "always" },
    });
    handOver(pipes);
    const sandbox = new Sandbox(
      folder,
      child,
      pipes.map(({ read }) => read),
    );
    sandbox.#go.on("error", () => {});
    await sandbox.#ready();
    return sandbox;
  }

  async #ready(): Promise<void> {
    let said = "";
    const control = this.#child.stdio[3] as Readable;
    const read = (chunk: Buffer) => {
      said += chunk.toString();
    };
    // The programs that run the script have no other way.
    for (const stream of this.#output) stream.on("data", read);
    await new Promise<void>((resolve) => {
      control.on("data", (chunk: Buffer) => {
        read(chunk);
        if (said.endsWith("ready\n")) resolve();
      });
      control.once("error", () => resolve());
      this.#exit.then(() => resolve());
    });
    for (const stream of this.#output) stream.off("data", read).pause();
    if (!said.endsWith("ready\n")) {
      throw new SandboxError(`Cannot mount the file systems of the step: ${said.trim() || "no answer"}`);
    }
  }

  /** The job's folder as it is inside, with all that is mounted there. */
  get inside(): string {
    return `/proc/${this.#child.pid}/root${this.#folder}`;
  }

  /** The process that becomes the command. */
  get pid(): number | undefined {
    return childrenOf(this.#child.pid)[0];
  }

  /** What the command writes; undefined when it goes where that of this program goes. */
  get stdout(): Readable | undefined {
    return this.#output[0];
  }

  get stderr(): Readable | undefined {
    return this.#output[1];
  }

  /** What the command reads, where that is a pipe. */
  get stdin(): Writable | null {
    return this.#child.stdin;
  }

  get #go(): Writable {
    return this.#child.stdio[4] as Writable;
  }

  /** Begins the command; whoever reads what it writes listens by now. */
  run(): void {
    for (const stream of this.#output) stream.resume();
    this.#go.end("go\n");
  }

  /** How the command ended, once all its output was read. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  /** Sends a signal to the command, which hands it to the container. */
  signal(name: NodeJS.Signals): void {
    for (const pid of childrenOf(this.#child.pid)) {
      try {
        process.kill(pid, name);
      } catch {
        // It ended meanwhile.
      }
    }
  }

  /** Ends everything inside and waits until it is gone. */
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

/** The innermost process ends when the outer does, and that one with this program. */
function holder({ userNamespace }: Ground, namespaces: NamespaceDescriptors | undefined): string[] {
  const ofNetwork = namespaces?.users !== undefined;
  return [
    ...["setpriv", "--pdeathsig", "KILL"],
    // Only in the user namespace of a network it can be entered.
    ...(ofNetwork ? ["nsenter", `--user=/proc/self/fd/${USERS_DESCRIPTOR}`, "--preserve-credentials"] : []),
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"],
    ...(userNamespace && !ofNetwork ? SAME_USERS : []),
  ];
}

/** Opens the terminal anew: whoever made its reads not block would do that to the shell behind it, too. */
const OWN_TERMINAL: readonly string[] = [
  "if [ -t 0 ]; then exec </dev/tty; fi",
  "if [ -t 1 ]; then exec >/dev/tty; fi",
  "if [ -t 2 ]; then exec 2>/dev/tty; fi",
];
