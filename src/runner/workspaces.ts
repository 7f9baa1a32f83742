import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "./remove-tree.ts";
import { Volumes } from "./volumes.ts";

/** How long volumes stay after the last container of their workspace has ended, in milliseconds. */
const IDLE_MS = 30 * 60_000;
/** Workspaces without a container that are kept. */
const MOST_IDLE = 16;

/** Volumes that a container uses. */
export interface HeldWorkspace {
  volumes: Volumes;
  release(): void;
}

/** The volumes of the containers that clients start, apart for each workspace. They end with the runner. */
export class Workspaces {
  readonly #folder: string;
  /** By name, the one that was used last at the end. */
  readonly #users = new Map<string, { count: number; timer?: NodeJS.Timeout }>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes what an earlier runner has left. */
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
    for (const [oldest] of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) this.#remove(oldest);
  }

  #remove(name: string): void {
    clearTimeout(this.#users.get(name)?.timer);
    this.#users.delete(name);
    // A container that starts meanwhile makes its volumes anew.
    removeTree(join(this.#folder, name)).catch(() => {});
  }
}
