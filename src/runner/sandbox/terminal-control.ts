import { spawn } from "node:child_process";
import { plainEnvironment } from "../command.ts";
import { childrenOf } from "./children.ts";
import type { Sandbox } from "./sandbox.ts";

/** The other end of a container's terminal. */
export interface AttachedTerminal {
  size: { rows: number; columns: number };
  /** Receives the container's output until it exits. */
  output(chunk: Buffer): void;
}

/** Bytes of input that are buffered for a process that does not read. */
const MAX_INPUT = 1024 * 1024;

/**
 * The terminal of a container. The command of the sandbox is script(1), connected with pipes. Its child is the container's
 * runtime, which passes its terminal and size on to the container.
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
    // The container may end during a write.
    sandbox.stdin?.on("error", () => {});
  }

  /**
   * Sends typed characters. Drops them while the buffer is full.
   * @param done called when they are no longer buffered
   */
  write(text: string, done: () => void): void {
    const { stdin } = this.#sandbox;
    if (stdin?.writable && stdin.writableLength < MAX_INPUT) stdin.write(text, () => done());
    else done();
  }

  /** One program sets the size at a time. Of the sizes requested in the meantime, only the last one is set. */
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

  /** Stops reading, so that the container blocks when it writes. */
  pause(): void {
    this.#sandbox.stdout?.pause();
    this.#sandbox.stderr?.pause();
  }

  resume(): void {
    this.#sandbox.stdout?.resume();
    this.#sandbox.stderr?.resume();
  }

  /** Sends a signal to the runtime, which passes it on to the container. */
  signal(name: NodeJS.Signals): void {
    const pid = this.#runtime;
    try {
      if (pid === undefined) this.#sandbox.signal(name);
      else process.kill(pid, name);
    } catch {
      // The process has ended.
    }
  }

  get #runtime(): number | undefined {
    return childrenOf(this.#sandbox.pid)[0];
  }
}
