import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { onStop } from "./cleanup.ts";

const ROOT = "/sys/fs/cgroup";

/**
 * A control group, for the CPU time of processes and all their descendants. Works with version 2 and with the `cpuacct`
 * hierarchy of version 1. Needs root.
 */
export class ControlGroup implements Disposable {
  /** From the root of the hierarchy, as container runtimes name it. */
  readonly path: string;
  readonly #folder: string;
  readonly #usage: () => number;
  readonly #forget: () => void;

  /** @throws {Error} when the group cannot be made */
  constructor(name: string) {
    const isVersion2 = existsSync(join(ROOT, "cgroup.controllers"));
    this.path = `/${name}`;
    this.#folder = join(ROOT, isVersion2 ? "" : "cpuacct", name);
    this.#usage = isVersion2
      ? () => Number(/^usage_usec (\d+)/m.exec(this.#read("cpu.stat"))?.[1]) / 1e6
      : () => Number(this.#read("cpuacct.usage")) / 1e9;
    try {
      mkdirSync(this.#folder);
    } catch (cause) {
      throw new Error(`Cannot make the control group ${this.#folder}: the benchmark needs root`, { cause });
    }
    this.#forget = onStop(() => this[Symbol.dispose]());
  }

  /** A command whose process enters the group before it starts `command`. */
  enter(command: string, args: readonly string[]): [command: string, args: string[]] {
    const script = 'echo $$ > "$0" && exec "$@"';
    return ["sh", ["-c", script, join(this.#folder, "cgroup.procs"), command, ...args]];
  }

  /** CPU seconds of all processes that are or were in the group. */
  seconds(): number {
    return this.#usage();
  }

  /** Ids of the processes in the group. */
  processes(): number[] {
    return this.#read("cgroup.procs").split("\n").filter(Boolean).map(Number);
  }

  /** Kills the remaining processes of the group and removes it. */
  [Symbol.dispose](): void {
    this.#forget();
    for (let tries = 0; tries < 50 && existsSync(this.#folder); tries += 1) {
      for (const id of this.processes()) kill(id);
      remove(this.#folder);
      if (existsSync(this.#folder)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }
}

function kill(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // The process has just ended.
  }
}

/** Inner groups first, because container runtimes leave some. A group in use is kept. */
function remove(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) remove(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // A process is still ending, or the group no longer exists.
  }
}
