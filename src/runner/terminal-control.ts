import { spawn } from "node:child_process";
import { childrenOf } from "./children.ts";
import { plainEnvironment } from "./command.ts";
import type { Sandbox } from "./sandbox.ts";

/** The other end of a container's terminal. */
export interface AttachedTerminal {
  size: { rows: number; columns: number };
  /** Receives what the container writes, until its exit is known. */
  output(chunk: Buffer): void;
}

/** Bytes that may wait for a process that does not read. */
const MOST_INPUT = 1024 * 1024;

/**
 * The terminal of a container that `script` connects with pipes. The command of the sandbox is `script`, whose child is
 * the container's runtime at a terminal: that is passed on to the container, with its size.
 */
export class TerminalControl {
  readonly #sandbox: Sandbox;
  #isResizing = false;
  /** The size that the terminal is to have when it has the one before. */
  #nextSize: AttachedTerminal["size"] | undefined;

  constructor(sandbox: Sandbox, { output }: AttachedTerminal) {
    this.#sandbox = sandbox;
    sandbox.stdout?.on("data", output);
    sandbox.stderr?.on("data", output);
    // The container may end while something is written.
    sandbox.stdin?.on("error", () => {});
  }

  /**
   * Characters that were typed. They are dropped while too many wait.
   * @param done called when they wait no longer
   */
  write(text: string, done: () => void): void {
    const { stdin } = this.#sandbox;
    if (stdin?.writable && stdin.writableLength < MOST_INPUT) stdin.write(text, () => done());
    else done();
  }

  /** One program sets the size at a time: of sizes that come meanwhile, the last one counts. */
  resize(size: AttachedTerminal["size"]): void {
    if (this.#isResizing) {
      this.#nextSize = size;
      return;
    }
    const pid = this.#runtime;
    if (pid === undefined) return;
    this.#isResizing = true;
    const { rows, columns } = size;
    const words = ["-F", `/proc/${pid}/fd/0`, "rows", String(rows), "columns", String(columns)];
    const ended = () => {
      this.#isResizing = false;
      const next = this.#nextSize;
      this.#nextSize = undefined;
      if (next !== undefined) this.resize(next);
    };
    spawn("stty", words, { stdio: "ignore", env: plainEnvironment }).once("error", ended).once("exit", ended);
  }

  /** Stops reading, so that the container has to wait when it writes. */
  pause(): void {
    this.#sandbox.stdout?.pause();
    this.#sandbox.stderr?.pause();
  }

  resume(): void {
    this.#sandbox.stdout?.resume();
    this.#sandbox.stderr?.resume();
  }

  /** Sends a signal to the runtime, which sends it to the container. */
  signal(name: NodeJS.Signals): void {
    const pid = this.#runtime;
    try {
      if (pid === undefined) this.#sandbox.signal(name);
      else process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }

  get #runtime(): number | undefined {
    return childrenOf(this.#sandbox.pid)[0];
  }
}
