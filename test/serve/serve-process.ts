import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Compiled modules, which take a quarter of the CPU time of a start. */
const COMPILED = join(root, "node_modules/.cache/node-compile");

/** `npm start`, on a free port unless `env` has one, or `npm run demo`, in another process. */
export class ServeProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #closed: Promise<unknown>;

  constructor(env: Record<string, string>, script = "src/serve/serve.ts") {
    this.child = spawn(join(root, "node_modules/.bin/node"), [join(root, script)], {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILED, PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#closed = once(this.child, "close");
  }

  /** The URL of the ready line, once it is printed. */
  async ready(): Promise<string> {
    for (;;) {
      const [, url] = /ready at (\S+)/.exec(this.stdout) ?? [];
      if (url !== undefined) return url;
      if (this.child.exitCode !== null) throw new Error(`The server ended: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Waits for the end. The exit code, null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.child.exitCode;
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }

  /** Ends it and the runtime below it at once, as a power failure would. */
  async crash(): Promise<void> {
    const all = descendants(this.child.pid as number);
    // Some end with the first ones.
    for (const pid of [this.child.pid as number, ...all]) kill(pid);
    await this.#closed;
  }

  /** Stops it if it is running. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop();
  }

  /** Processes below it. */
  get descendants(): number[] {
    return descendants(this.child.pid as number);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether a process is running; false for a zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
