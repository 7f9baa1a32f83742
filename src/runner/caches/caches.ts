import { access, chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CacheSharing } from "../../../schemas/cache-mount.ts";
import type { JobMount } from "../../../schemas/runner.ts";
import { untilAborted } from "../../streams/until-aborted.ts";
import { runProgram } from "../command.ts";
import type { JobRef } from "../server/job-service.ts";
import type { CacheLease } from "./cache-service.ts";
import { KeptCache } from "./kept-cache.ts";

type CacheMount = Extract<JobMount, { type: "cache" }>;

/** A cache in use. */
export interface HeldCache {
  path: string;
  /** Copies the directory `source` into a new cache; does nothing to one that has contents. */
  fill(source: string): Promise<void>;
  release(): void;
}

interface CachesOptions {
  /** Requests a cache from the server; undefined when the server does not keep it. */
  acquire?: (
    job: JobRef,
    key: string,
    sharing: CacheSharing,
    signal: AbortSignal,
  ) => Promise<CacheLease | undefined>;
  /** Whether caches are saved at the server; they are read from it in any case. Default true. */
  saves?: boolean;
  /** Receives a message for each cache that could not be saved. */
  report?: (text: string) => void;
}

interface Slot {
  path: string;
  /** Number of users; -1 for one exclusive user. */
  users: number;
  /** Set from the first use until the cache is saved. Users in that time continue with it. */
  opened?: Promise<Opened>;
  /** Checks whether another runner waits for it. */
  watch?: NodeJS.Timeout;
  sharing?: CacheSharing;
  saving?: { cancel: AbortController; ended: Promise<void>; mayPause: boolean };
  filling?: Promise<void>;
}

interface Opened {
  lease?: CacheLease;
  kept?: KeptCache;
}

/** Time between checks whether another runner waits for a cache. */
const WATCH_MS = 2_000;

/**
 * Folders that RUN keeps between builds, on this machine and at the server. A cache is saved at the server when the runner
 * is idle or closes, or when another runner waits for it.
 */
export class Caches {
  readonly #folder: string;
  readonly #options: CachesOptions;
  readonly #slots = new Map<string, Slot[]>();
  #changed = Promise.withResolvers<void>();
  #isStopped = false;

  constructor(folder: string, options: CachesOptions = {}) {
    this.#folder = folder;
    this.#options = options;
  }

  /**
   * A folder for the mount, with the contents that the server keeps, if any. `shared`: one folder for all users.
   * `private`: a folder that no other step uses. `locked`: the one folder, after all other users on all machines have
   * released it.
   *
   * @param isAlone no other step of this machine uses the folder meanwhile, although it is shared
   */
  async hold(job: JobRef, mount: CacheMount, signal: AbortSignal, isAlone = false): Promise<HeldCache> {
    const { key } = mount;
    const sharing = isAlone && mount.sharing === "shared" ? "locked" : mount.sharing;
    for (;;) {
      signal.throwIfAborted();
      const slot = this.#find(key, sharing);
      if (slot === undefined) {
        await untilAborted(this.#changed.promise, signal);
        continue;
      }
      // A cache that is used in another way must be saved first.
      if (slot.sharing !== mount.sharing) this.#startSaving(slot);
      slot.users = sharing === "shared" ? slot.users + 1 : -1;
      try {
        await this.#enter(slot, job, mount, signal);
      } catch (error) {
        this.#leave(slot);
        // The attempt of another caller was cancelled.
        if (signal.aborted || !isAbort(error)) throw error;
        continue;
      }
      return {
        path: slot.path,
        fill: (source) => this.#fill(slot, source),
        release: () => this.#leave(slot),
      };
    }
  }

  /** Starts saving the caches that are not in use, unless `pause` is called meanwhile. */
  save(): void {
    for (const slot of this.#all()) this.#startSaving(slot, true);
  }

  /** Cancels what `save` started, because a step needs the processors. The caches stay open, to be saved later. */
  pause(): void {
    for (const { saving } of this.#all()) if (saving?.mayPause) saving.cancel.abort();
  }

  /** Saves all caches and releases them at the server. */
  async close(): Promise<void> {
    for (const slot of this.#all()) this.#startSaving(slot);
    for (const slot of this.#all()) {
      await slot.saving?.ended;
      clearInterval(slot.watch);
      await (await slot.opened?.catch(() => undefined))?.lease?.release();
    }
  }

  /** Cancels saving, also of what would be saved later. */
  stopSaving(): void {
    this.#isStopped = true;
    for (const slot of this.#all()) slot.saving?.cancel.abort();
  }

  #all(): Slot[] {
    return [...this.#slots.values()].flat();
  }

  async #enter(slot: Slot, job: JobRef, mount: CacheMount, signal: AbortSignal): Promise<void> {
    clearInterval(slot.watch);
    if (slot.sharing === mount.sharing) slot.saving?.cancel.abort();
    await slot.saving?.ended;
    if (slot.opened === undefined) {
      slot.sharing = mount.sharing;
      slot.opened = this.#open(slot, job, mount, signal);
    }
    const { opened } = slot;
    try {
      await opened;
    } catch (error) {
      if (slot.opened === opened) delete slot.opened;
      throw error;
    }
    await makeFolder(slot.path, mount);
  }

  async #open(slot: Slot, job: JobRef, { key, sharing }: CacheMount, signal: AbortSignal): Promise<Opened> {
    const lease = await this.#options.acquire?.(job, key, sharing, signal);
    if (lease === undefined) return {};
    const kept = new KeptCache(slot.path, lease);
    try {
      if (await kept.load(signal)) await writeFile(`${slot.path}.filled`, "");
    } catch (error) {
      await lease.release();
      throw error;
    }
    return { lease, kept };
  }

  #leave(slot: Slot): void {
    slot.users = Math.max(0, slot.users - 1);
    if (slot.users === 0) this.#watch(slot);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Saves an unused cache as soon as another runner waits for it. */
  #watch(slot: Slot): void {
    clearInterval(slot.watch);
    slot.watch = setInterval(async () => {
      const lease = (await slot.opened?.catch(() => undefined))?.lease;
      if (lease === undefined) clearInterval(slot.watch);
      else if (await lease.isWanted()) this.#startSaving(slot);
    }, WATCH_MS);
    slot.watch.unref();
  }

  #startSaving(slot: Slot, mayPause = false): void {
    if (slot.saving !== undefined) slot.saving.mayPause &&= mayPause;
    if (this.#isStopped || slot.users !== 0 || slot.opened === undefined || slot.saving !== undefined) return;
    const cancel = new AbortController();
    const ended = this.#save(slot, slot.opened, cancel.signal).finally(() => delete slot.saving);
    slot.saving = { cancel, ended, mayPause };
  }

  /** Saves a cache and releases it at the server. A cache whose saving is cancelled stays open. */
  async #save(slot: Slot, opened: Promise<Opened>, signal: AbortSignal): Promise<void> {
    const { lease, kept } = await opened;
    try {
      if (this.#options.saves !== false) await kept?.save(signal);
    } catch (error) {
      if (!signal.aborted) this.#options.report?.(`Cannot save a cache mount: ${(error as Error).message}`);
    }
    if (signal.aborted) return;
    clearInterval(slot.watch);
    delete slot.opened;
    await lease?.release();
  }

  async #fill(slot: Slot, source: string): Promise<void> {
    const mark = `${slot.path}.filled`;
    slot.filling ??= access(mark).catch(async () => {
      await runProgram("cp", ["-a", "--", `${source}/.`, slot.path]);
      await writeFile(mark, "");
    });
    await slot.filling;
  }

  #find(key: string, sharing: CacheSharing): Slot | undefined {
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

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
