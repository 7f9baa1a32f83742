import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
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
const RETRY_MS = 50;
/** Attempts to set a size: until the runtime has its terminal, it cannot be set. */
const MAX_TRIES = 200;

/** The shell command that sets the first size, before the runtime replaces the shell. */
export function firstSize({ rows, columns }: AttachedTerminal["size"]): string {
  return `stty rows ${rows} columns ${columns}`;
}

/** Whether a process is the shell that sets the first size, or is about to become it. */
function setsFirstSize(pid: number): boolean {
  try {
    return /\0stty rows \d+ columns \d+(?: echo)?; exec /.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    // It has ended.
    return false;
  }
}

/**
 * The terminal of a container. The command of the sandbox is script(1), connected with pipes. Its child is the container's
 * runtime, which passes its terminal and size on to the container.
 */
export class TerminalControl {
  readonly #sandbox: Sandbox;
  #isResizing = false;
  /** The size that the terminal is to have when it has the one before. */
  #nextSize: AttachedTerminal["size"] | undefined;
  #hasEnded = false;

  constructor(sandbox: Sandbox, { output }: AttachedTerminal) {
    this.#sandbox = sandbox;
    sandbox.stdout?.on("data", output);
    sandbox.stderr?.on("data", output);
    void sandbox.exit.then(() => {
      this.#hasEnded = true;
    });
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
    this.#nextSize = size;
    if (!this.#isResizing) void this.#setSizes();
  }

  async #setSizes(): Promise<void> {
    this.#isResizing = true;
    for (let tries = 0; this.#nextSize !== undefined && tries < MAX_TRIES && !this.#hasEnded; tries++) {
      const size = this.#nextSize;
      this.#nextSize = undefined;
      if (await this.#setSize(size)) {
        tries = 0;
        continue;
      }
      this.#nextSize ??= size;
      await sleep(RETRY_MS);
    }
    this.#nextSize = undefined;
    this.#isResizing = false;
  }

  /** @returns false when the runtime has no terminal yet, or the shell before it would set the first size afterwards */
  async #setSize({ rows, columns }: AttachedTerminal["size"]): Promise<boolean> {
    const pid = this.#runtime;
    if (pid === undefined || setsFirstSize(pid)) return false;
    const words = ["-F", `/proc/${pid}/fd/0`, "rows", String(rows), "columns", String(columns)];
    const child = spawn("stty", words, { stdio: "ignore", env: plainEnvironment });
    return new Promise((resolve) => {
      child.once("error", () => resolve(false)).once("exit", (code) => resolve(code === 0));
    });
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
