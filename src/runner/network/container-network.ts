import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readlinkSync } from "node:fs";
import type { Socket } from "node:net";
import { plainEnvironment } from "../command.ts";
import { ContainerError } from "../containers/container-error.ts";
import type { ConnectOrder, ConnectOutcome } from "../port-program.ts";
import { portProgramWords } from "../runner-program-words.ts";
import { childrenOf } from "../sandbox/children.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** Number of the descriptor of the namespace. IPC has the one before. */
const NETWORK_DESCRIPTOR = 4;

type Waiting = ReturnType<typeof Promise.withResolvers<Socket>>;

/** Connects to ports on the loopback of a container that has a network namespace and no network. */
export class ContainerNetwork {
  readonly #sandbox: Sandbox;
  /** Whether the namespace belongs to the user namespace of the sandbox. */
  readonly #hasOwnUsers: boolean;
  #child: ChildProcess | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #isClosed = false;

  constructor(sandbox: Sandbox, hasOwnUsers: boolean) {
    this.#sandbox = sandbox;
    this.#hasOwnUsers = hasOwnUsers;
  }

  /** @throws {ContainerError} */
  async connect(port: number): Promise<Socket> {
    if (this.#isClosed) throw new ContainerError("the container has ended");
    this.#child ??= this.#start();
    const number = ++this.#last;
    const waiting = Promise.withResolvers<Socket>();
    this.#waiting.set(number, waiting);
    this.#child.send({ number, port } satisfies ConnectOrder, (error) => {
      if (error !== null) this.#fail(number, "the program that connects has ended");
    });
    return waiting.promise;
  }

  /** Ends the program. Sockets that are open stay so until the container ends. */
  close(): void {
    this.#isClosed = true;
    this.#child?.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const { pid } = this.#sandbox;
    const network = pid === undefined ? undefined : openNetwork(pid);
    if (network === undefined) throw new ContainerError("the container is not running");
    const users = this.#hasOwnUsers ? [`--user=/proc/${pid}/ns/user`, "--preserve-credentials"] : [];
    const enter = [...users, `--net=/proc/self/fd/${NETWORK_DESCRIPTOR}`];
    const child = spawn("nsenter", [...enter, "--", ...portProgramWords], {
      stdio: ["ignore", "ignore", "ignore", "ipc", network],
      env: plainEnvironment,
    });
    closeSync(network);
    child.on("message", ({ number, failure }: ConnectOutcome, socket) => {
      if (socket === undefined || failure !== undefined) this.#fail(number, reasonOf(failure));
      else this.#succeed(number, socket as Socket);
    });
    const ended = () => {
      if (this.#child === child) this.#child = undefined;
      for (const number of this.#waiting.keys()) this.#fail(number, "the program that connects has ended");
    };
    child.once("error", ended);
    child.once("exit", ended);
    return child;
  }

  #succeed(number: number, socket: Socket): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (waiting === undefined || this.#isClosed) socket.destroy();
    else waiting.resolve(socket);
  }

  #fail(number: number, reason: string): void {
    this.#waiting.get(number)?.reject(new ContainerError(reason));
    this.#waiting.delete(number);
  }
}

function reasonOf(failure: string | undefined): string {
  return failure === "ECONNREFUSED"
    ? "no program in the container listens there"
    : `connecting failed with ${failure ?? "no socket"}`;
}

/** Opens the first network namespace below a process that differs from that of this program. */
function openNetwork(pid: number): number | undefined {
  const own = readlinkSync("/proc/self/ns/net");
  const pids = [pid];
  for (const one of pids) {
    const path = `/proc/${one}/ns/net`;
    try {
      if (readlinkSync(path) !== own) return openSync(path, "r");
    } catch {
      // The process has ended.
    }
    pids.push(...childrenOf(one));
  }
  return undefined;
}
