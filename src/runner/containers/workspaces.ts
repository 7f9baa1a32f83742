import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "../files/remove-tree.ts";
import { Volumes } from "./volumes.ts";

/** Time that volumes are kept after the last container of their workspace has ended. */
const IDLE_MS = 30 * 60_000;
/** Number of workspaces without a container that are kept. */
const MAX_IDLE = 16;

/** Volumes that a container uses. */
interface HeldWorkspace {
  volumes: Volumes;
  release(): void;
}

/** The volumes of clients' containers, separate for each workspace. They are removed with the runner. */
export class Workspaces {
  readonly #folder: string;
  /** By name, the most recently used last. */
  readonly #users = new Map<string, { count: number; timer?: NodeJS.Timeout }>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes the workspaces of an earlier runner. */
  static async open(folder: string): Promise<Workspaces> {
    await removeTree(folder);
    return new Workspaces(folder);
  }

  /** @param name 64 hexadecimal digits */
  async hold(name: string): Promise<HeldWorkspace> {
    if (!/^[0-9a-f]{64}$/.test(name)) throw new Error(`Cannot use a workspace named ${JSON.stringify(name)}`);
    const known = this.#users.get(name);
    clearTimeout(known?.timer);
    this.#users.delete(name);
    this.#users.set(name, { count: (known?.count ?? 0) + 1 });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return { volumes: new Volumes(join(this.#folder, name)), release: () => this.#release(name) };
  }

  async close(): Promise<void> {
    for (const { timer } of this.#users.values()) clearTimeout(timer);
    await removeTree(this.#folder);
  }

  #release(name: string): void {
    const users = this.#users.get(name);
    if (users === undefined || --users.count > 0) return;
    users.timer = setTimeout(() => this.#remove(name), IDLE_MS);
    const idle = [...this.#users].filter(([, { count }]) => count === 0);
    for (const [oldest] of idle.slice(0, Math.max(0, idle.length - MAX_IDLE))) this.#remove(oldest);
  }

  #remove(name: string): void {
    clearTimeout(this.#users.get(name)?.timer);
    this.#users.delete(name);
    // A container that starts meanwhile makes new volumes.
    removeTree(join(this.#folder, name)).catch(() => {});
  }
}
