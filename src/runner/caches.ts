import { access, chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobMount } from "../../schemas/runner.ts";
import { runCommand } from "./command.ts";

type CacheMount = Extract<JobMount, { type: "cache" }>;

/** A cache in use. */
export interface HeldCache {
  path: string;
  /** Gives a new cache its first contents, those of the directory `source`; does nothing to others. */
  fill(source: string): Promise<void>;
  release(): void;
}

interface Slot {
  path: string;
  /** How many use it together; -1 for one that is alone with it. */
  users: number;
  filling?: Promise<void>;
}

/** Folders that RUN keeps between builds, and who may use which at the same time. */
export class Caches {
  readonly #folder: string;
  readonly #slots = new Map<string, Slot[]>();
  #changed = Promise.withResolvers<void>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * A folder for the mount: one for all with `shared`, one of several with `private`, and with `locked` the one,
   * after everybody else left it.
   */
  async hold(mount: CacheMount, signal: AbortSignal): Promise<HeldCache> {
    const { key } = mount;
    for (;;) {
      signal.throwIfAborted();
      const slot = this.#find(key, mount.sharing);
      if (slot === undefined) {
        await Promise.race([this.#changed.promise, aborted(signal)]);
        continue;
      }
      if (mount.sharing === "shared") slot.users += 1;
      else slot.users = -1;
      const release = () => {
        slot.users = Math.max(0, slot.users - 1);
        this.#changed.resolve();
        this.#changed = Promise.withResolvers();
      };
      try {
        await makeFolder(slot.path, mount);
      } catch (error) {
        release();
        throw error;
      }
      return { path: slot.path, fill: (source) => this.#fill(slot, source), release };
    }
  }

  async #fill(slot: Slot, source: string): Promise<void> {
    const mark = `${slot.path}.filled`;
    slot.filling ??= access(mark).catch(async () => {
      await runCommand("cp", ["-a", "--", `${source}/.`, slot.path]);
      await writeFile(mark, "");
    });
    await slot.filling;
  }

  #find(key: string, sharing: CacheMount["sharing"]): Slot | undefined {
    const slots = this.#slots.get(key) ?? [];
    this.#slots.set(key, slots);
    const free = slots.find(({ users }) => users === 0 || (sharing === "shared" && users > 0));
    if (free !== undefined) return free;
    if (sharing === "locked" && slots.length > 0) return undefined;
    const slot = { path: join(this.#folder, `${key}-${slots.length}`), users: 0 };
    slots.push(slot);
    return slot;
  }
}

async function makeFolder(path: string, { root }: CacheMount): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made === undefined) return;
  await chown(path, root?.uid ?? 0, root?.gid ?? 0);
  await chmod(path, root?.mode ?? 0o755);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
