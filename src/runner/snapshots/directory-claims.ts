import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const EVICTING = "evicting";
const POLL_MS = 20;
/** Distinguishes the stores of one program. */
let count = 0;

/**
 * Coordinates the programs of one machine that share a folder of directories. A claim lasts as long as its program. A
 * program that removes a directory first marks it and then looks for claims; one that uses a directory first claims it
 * and then looks for marks. When both happen at once, at least one of them notices the other.
 */
export class DirectoryClaims {
  readonly #folder: string;
  readonly #own: string;
  readonly #claimed = new Set<string>();

  /** Claims are files in `folder`. Removes those of programs that have ended. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#own = programName();
    mkdirSync(join(this.#folder, EVICTING), { recursive: true });
    for (const name of this.#programs())
      if (!isAlive(name)) rmSync(join(this.#folder, name), { recursive: true });
    mkdirSync(join(this.#folder, this.#own), { recursive: true });
  }

  /** Identifies this program: see `isAlive`. */
  get program(): string {
    return this.#own;
  }

  /** Protects a directory from other programs. False if it was protected before; otherwise it may be gone already. */
  async claim(name: string): Promise<boolean> {
    if (this.#claimed.has(name)) return false;
    writeFileSync(join(this.#folder, this.#own, name), "");
    while (this.#isEvicting(name)) await sleep(POLL_MS);
    this.#claimed.add(name);
    return true;
  }

  /** Removes a directory with `remove`, unless another program uses it. @returns whether it was removed */
  async evict(name: string, remove: () => Promise<void>): Promise<boolean> {
    const mark = join(this.#folder, EVICTING, name);
    writeFileSync(mark, this.#own);
    try {
      if (this.#programs().some((other) => other !== this.#own && this.#has(other, name))) return false;
      rmSync(join(this.#folder, this.#own, name), { force: true });
      this.#claimed.delete(name);
      await remove();
      return true;
    } finally {
      rmSync(mark, { force: true });
    }
  }

  /** Releases all claims. */
  close(): void {
    rmSync(join(this.#folder, this.#own), { recursive: true, force: true });
    this.#claimed.clear();
  }

  #programs(): string[] {
    return readdirSync(this.#folder).filter((name) => name !== EVICTING);
  }

  #has(program: string, name: string): boolean {
    return isAlive(program) && readdirSync(join(this.#folder, program)).includes(name);
  }

  #isEvicting(name: string): boolean {
    try {
      const by = readFileSync(join(this.#folder, EVICTING, name), "utf8");
      return by !== this.#own && isAlive(by);
    } catch {
      return false;
    }
  }
}

/** A unique name for this program and one of its stores: see `isAlive`. */
export function programName(): string {
  return `${processName(process.pid)}.${count++}`;
}

/** Number and start time of a process, because numbers are reused. Undefined when there is no such process. */
function processName(pid: number): string | undefined {
  try {
    // The name of the program, in parentheses, may contain anything.
    const [, fields = ""] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return `${pid}-${fields.split(" ")[19]}`;
  } catch {
    return undefined;
  }
}

/** Whether the program of this name still runs. */
export function isAlive(program: string): boolean {
  return processName(Number.parseInt(program, 10)) === program.split(".")[0];
}
