import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FromExec, FromTerminal } from "../../../schemas/containers.ts";
import type { FromPort, ToPort } from "../../../schemas/ports.ts";
import type { ContainerTask, Job, JobResult } from "../../../schemas/runner.ts";
import { runProgram } from "../command.ts";
import { executeContainer, type RunningContainer } from "../containers/container.ts";
import { ContainerError } from "../containers/container-error.ts";
import type { ContainerMount } from "../containers/container-mounts.ts";
import { removeTree } from "../files/remove-tree.ts";
import { resolveInRoot } from "../files/root-path.ts";
import { JobError } from "../job-error.ts";
import { DEFAULT_CAPABILITIES } from "../sandbox/capabilities.ts";
import type { ResourceLimits } from "../sandbox/oci-spec.ts";
import { signalNamed } from "../sandbox/signals.ts";
import { ContainerExchanges } from "./port-exchanges.ts";
import type { RunnerContext } from "./runner-context.ts";
import { TaskTrees } from "./task-trees.ts";

/** Limits of a container, unless the runner's limits for steps are lower. */
const LIMITS = { memory: 512 * 2 ** 20, pids: 256, cpus: 1 };
/** Characters of output that the client has not acknowledged, above which the container waits. */
const WINDOW = 256 * 1024;
/** Processes of `exec` at a time. */
const MAX_EXECS = 8;
/** Characters of output after which there is a mark. */
const MARK_AFTER = WINDOW / 8;
/** Time between the stop signal and SIGKILL, as in docker. */
const STOP_MS = 10_000;

/** The connection of a container's terminal with its client. */
export interface TaskTerminal {
  started(): void;
  /** @param mark what the client acknowledges when it has shown the text */
  output(text: string, mark?: string): void;
  exec(message: FromExec): void;
  /** This many more characters of input were read. */
  typed(characters: number): void;
  /** Sets the receiver of the client's messages. */
  listen(receive: (message: FromTerminal) => void): void;
  /** Sends what a port of the container answers. */
  port(message: FromPort): void;
  /** Sets the receiver of requests to its ports. */
  listenToPorts(receive: (message: ToPort) => void): void;
}

/**
 * Starts a container of an image, without a network, and connects its terminal until it ends.
 * @throws {JobError} when it cannot be started or is stopped by its time limit
 */
export async function containerTask(
  job: Job,
  task: ContainerTask,
  context: RunnerContext,
  { terminal, cancelled }: { terminal: TaskTerminal; cancelled: AbortSignal },
): Promise<JobResult> {
  await using cleanup = new AsyncDisposableStack();
  const workspace = await context.workspaces.hold(task.workspace);
  cleanup.defer(() => workspace.release());
  const copies = join(context.jobs, `container-${randomUUID()}`);
  await mkdir(copies, { mode: 0o700 });
  cleanup.defer(() => removeTree(copies));
  const mounts = await mountsOf(job, task, context, { copies, cancelled, cleanup });
  const output = new TerminalOutput(terminal);
  const container = await executeContainer(
    {
      ...task,
      layers: task.layers,
      fetchBlob: (digest, signal) => context.service.blob(job, digest, AbortSignal.any([signal, cancelled])),
      network: "none",
      mounts,
      limits: limitsOf(context.limits),
      canBeUnlimited: true,
      capabilities: DEFAULT_CAPABILITIES,
      hosts: [],
      stdin: true,
      terminal: true,
      attached: { size: task.size, output: (chunk) => output.add(chunk) },
    },
    { ...context, containers: context.containers, volumes: workspace.volumes },
  ).catch((error: unknown) => {
    if (error instanceof ContainerError) throw new JobError("refused", error.message);
    throw error;
  });
  cleanup.defer(() => container.close());
  output.follow(container);
  terminal.started();
  return await supervise(job, task, container, { terminal, output, cancelled });
}

async function supervise(
  job: Job,
  task: ContainerTask,
  container: RunningContainer,
  { terminal, output, cancelled }: { terminal: TaskTerminal; output: TerminalOutput; cancelled: AbortSignal },
): Promise<JobResult> {
  let kill: NodeJS.Timeout | undefined;
  const stop = () => {
    container.signal(signalNamed(task.stopSignal ?? "SIGTERM") ?? "SIGTERM");
    kill ??= setTimeout(() => container.close(), STOP_MS);
  };
  let execs = 0;
  const executeFurther = async ({ exec, command }: Extract<FromTerminal, { type: "exec" }>) => {
    const output = (text: string) => terminal.exec({ type: "exec-output", exec, text });
    if (execs >= MAX_EXECS) {
      output(`exec: the container has ${MAX_EXECS} further processes already\n`);
      return terminal.exec({ type: "exec-exit", exec, code: 126 });
    }
    execs++;
    const code = await container.exec(command, output).catch((error: unknown) => {
      output(`exec: ${(error as Error).message}\n`);
      return 126;
    });
    execs--;
    terminal.exec({ type: "exec-exit", exec, code });
  };
  terminal.listen((message) => {
    switch (message.type) {
      case "input":
        container.terminal?.write(message.text, () => terminal.typed(message.text.length));
        break;
      case "resize":
        container.terminal?.resize(message);
        break;
      case "ack":
        output.acknowledge(message.mark);
        break;
      case "stop":
        stop();
        break;
      case "exec":
        void executeFurther(message);
    }
  });
  const ports = new ContainerExchanges(container, (message) => terminal.port(message));
  terminal.listenToPorts((message) => ports.receive(message));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void container.close();
  }, job.timeoutSeconds * 1000);
  const cancel = () => void container.close();
  cancelled.addEventListener("abort", cancel, { once: true });
  if (cancelled.aborted) cancel();
  try {
    const exitCode = await exitOf(container);
    output.end();
    cancelled.throwIfAborted();
    if (isLate) throw new JobError("timeout", `it exceeded its time limit of ${job.timeoutSeconds} s`);
    return { kind: "container", exitCode };
  } finally {
    ports.close();
    clearTimeout(timer);
    clearTimeout(kill);
    cancelled.removeEventListener("abort", cancel);
  }
}

/** Waits for the exit code. @throws {JobError} when the runtime could not start the command */
async function exitOf(container: RunningContainer): Promise<number> {
  try {
    return await container.exit;
  } catch (error) {
    if (error instanceof ContainerError) throw new JobError("refused", error.message);
    throw error;
  }
}

/**
 * Sends output to the client, and pauses the container while the client has too much to show. Marks prove what a client has
 * received: a client that acknowledges output without reading it would fill the memory of the server.
 */
class TerminalOutput {
  readonly #terminal: TaskTerminal;
  readonly #decoder = new TextDecoder();
  #container: RunningContainer | undefined;
  /** Characters up to each mark that was not acknowledged, by mark, in the order in which they were sent. */
  readonly #marks = new Map<string, number>();
  /** Characters since the last mark. */
  #unmarked = 0;
  #waiting = 0;

  constructor(terminal: TaskTerminal) {
    this.#terminal = terminal;
  }

  follow(container: RunningContainer): void {
    this.#container = container;
    if (this.#waiting > WINDOW) container.terminal?.pause();
  }

  add(chunk: Buffer): void {
    this.#send(this.#decoder.decode(chunk, { stream: true }));
  }

  acknowledge(mark: string): void {
    if (!this.#marks.has(mark)) return;
    for (const [earlier, characters] of this.#marks) {
      this.#marks.delete(earlier);
      this.#waiting -= characters;
      if (earlier === mark) break;
    }
    if (this.#waiting <= WINDOW) this.#container?.terminal?.resume();
  }

  end(): void {
    this.#send(this.#decoder.decode());
  }

  #send(text: string): void {
    if (text === "") return;
    this.#waiting += text.length;
    this.#unmarked += text.length;
    const mark = this.#unmarked < MARK_AFTER ? undefined : randomBytes(8).toString("hex");
    if (mark !== undefined) {
      this.#marks.set(mark, this.#unmarked);
      this.#unmarked = 0;
    }
    this.#terminal.output(text, mark);
    if (this.#waiting > WINDOW) this.#container?.terminal?.pause();
  }
}

function limitsOf({
  memory = Number.POSITIVE_INFINITY,
  pids = Number.POSITIVE_INFINITY,
}: ResourceLimits): ResourceLimits {
  const bytes = Math.min(LIMITS.memory, memory);
  return { memory: bytes, swap: bytes, cpus: LIMITS.cpus, pids: Math.min(LIMITS.pids, pids) };
}

async function mountsOf(
  job: Job,
  { mounts }: ContainerTask,
  context: RunnerContext,
  { copies, cancelled, cleanup }: { copies: string; cancelled: AbortSignal; cleanup: AsyncDisposableStack },
): Promise<ContainerMount[]> {
  const trees = new TaskTrees(job, context, cancelled, cleanup);
  const made: ContainerMount[] = [];
  for (const [index, mount] of mounts.entries()) {
    if (mount.type === "tmpfs") made.push({ ...mount, options: [`size=${LIMITS.memory}`] });
    else if (mount.type === "volume") {
      const { name, target, readonly } = mount;
      made.push({ type: "volume", target, readonly, copy: true, ...(name !== undefined && { name }) });
    } else {
      const { target, readonly } = mount;
      const copy = join(copies, String(index));
      made.push({ type: "bind", source: await copyOf(mount, trees, copy), target, readonly, create: false });
    }
  }
  return made;
}

/** Copies the source of a bind mount, so that the container may write to it. @returns the path of the copy */
async function copyOf(
  { from, source }: Extract<ContainerTask["mounts"][number], { type: "bind" }>,
  trees: TaskTrees,
  copy: string,
): Promise<string> {
  const { paths, source: path } = await trees.mounted(from, source);
  mkdirSync(copy);
  for (const directory of paths) await runProgram("cp", ["-a", "--", `${directory}/.`, copy]);
  const { found, missing } = resolveInRoot(copy, path);
  if (missing.length > 0)
    throw new JobError("refused", `${JSON.stringify(source)} is not in the build context`);
  return copy + found;
}
