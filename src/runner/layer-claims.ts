import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const EVICTING = "evicting";
const POLL_MS = 20;
/** Tells stores of one program apart. */
let count = 0;

/**
 * Tells the programs of one machine that share a folder of layers which of them uses what. A claim lasts as long as
 * its program. Whoever removes a layer first says so and then looks for claims; whoever uses one first claims it and
 * then looks whether it is being removed: so of two who do that at once, at least one sees the other.
 */
export class LayerClaims {
  readonly #folder: string;
  readonly #own: string;
  readonly #claimed = new Set<string>();

  /** Keeps them in `folder`. Those of programs that are gone are removed. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#own = programName();
    mkdirSync(join(this.#folder, EVICTING), { recursive: true });
    for (const name of this.#programs())
      if (!isAlive(name)) rmSync(join(this.#folder, name), { recursive: true });
    mkdirSync(join(this.#folder, this.#own), { recursive: true });
  }

  /** A name that tells which program made something: see `isAlive`. */
  get program(): string {
    return this.#own;
  }

  /** From now on nobody else removes the layer. False when that was so before; else it may be gone already. */
  async claim(name: string): Promise<boolean> {
    if (this.#claimed.has(name)) return false;
    writeFileSync(join(this.#folder, this.#own, name), "");
    while (this.#isEvicting(name)) await sleep(POLL_MS);
    this.#claimed.add(name);
    return true;
  }

  /** Removes a layer by `remove`, unless another program uses it; says whether it did. */
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

  /** Gives up all claims. */
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

/** Tells this program, and this one of what it does, apart from all others: see `isAlive`. */
export function programName(): string {
  return `${processName(process.pid)}.${count++}`;
}

/** A process is told by its number and when it began: numbers come again. Undefined when there is none. */
function processName(pid: number): string | undefined {
  try {
    // The name of the program, in parentheses, may hold anything.
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
