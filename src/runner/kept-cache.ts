import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import type { CacheState } from "../../schemas/cache-mount.ts";
import { isWasteful, loadFolder, type PackPlace, saveFolder } from "./cache-archive.ts";
import { type CacheLease, CacheServiceError } from "./cache-service.ts";
import { runCommand } from "./command.ts";
import { removeTree } from "./remove-tree.ts";

/** Which state of the server a folder had last, and how it looked then. */
interface Origin {
  slot: number;
  generation: number;
  fingerprint: string;
}

/** A folder of this machine and the cache at the server that it is a copy of. */
export class KeptCache {
  readonly #path: string;
  readonly #lease: CacheLease;
  #fingerprint: string | undefined;
  /** Of the state that was loaded or saved last. */
  #generation: number;

  constructor(path: string, lease: CacheLease) {
    this.#path = path;
    this.#lease = lease;
    this.#generation = lease.grant.generation;
  }

  /**
   * Makes the folder what the server keeps, unless it is. False when there is nothing there, or not to be had.
   * @throws when the signal says so
   */
  async load(signal: AbortSignal): Promise<boolean> {
    const { slot } = this.#lease.grant;
    const generation = this.#generation;
    if (generation === 0) return false;
    const origin = await this.#origin();
    if (origin?.slot === slot && origin.generation === generation) {
      this.#fingerprint = origin.fingerprint;
      return true;
    }
    const fresh = `${this.#path}.new`;
    try {
      await removeTree(fresh);
      await mkdir(fresh, { recursive: true, mode: 0o700 });
      const { limit } = this.#lease.grant;
      await loadFolder(fresh, await this.#lease.state(signal), this.#place(signal), { limit, signal });
    } catch (error) {
      await removeTree(fresh);
      signal.throwIfAborted();
      // Somebody kept another state meanwhile, or the server is gone: a cache is a cache.
      if (!(error instanceof CacheServiceError || error instanceof TypeError)) console.error(error);
      return false;
    }
    await removeTree(this.#path);
    await rename(fresh, this.#path);
    await this.#note(generation, await fingerprint(this.#path, signal));
    return true;
  }

  /**
   * Has the server keep the folder as it is now, if it is not as it was loaded. Nobody may write to it meanwhile.
   * @throws when the signal says so, or it cannot be kept
   */
  async save(signal: AbortSignal): Promise<void> {
    const now = await fingerprint(this.#path, signal);
    if (now === this.#fingerprint) return;
    const { limit } = this.#lease.grant;
    const generation = this.#generation;
    const base = generation === 0 ? undefined : await this.#lease.state(signal).catch(() => undefined);
    const place = this.#place(signal);
    const options = { limit, signal };
    const whole = async () => {
      const state = await saveFolder(this.#path, undefined, place, options);
      return this.#lease.putState(state as CacheState, signal);
    };
    const state = await saveFolder(this.#path, base, place, options);
    if (state === undefined) return this.#note(generation, now);
    // Packs of which little is left are not gone on with.
    if (base !== undefined && isWasteful(state, base)) return this.#note(await whole(), now);
    try {
      await this.#note(await this.#lease.putState(state, signal), now);
    } catch (error) {
      const status = error instanceof CacheServiceError ? error.status : 0;
      // The state of somebody else has not the packs of the one that this began with, or they are too many.
      if (status !== 409 && status !== 413) throw error;
      await this.#note(await whole(), now);
    }
  }

  #place(signal: AbortSignal): PackPlace {
    return {
      put: (pack, bytes) => this.#lease.putPack(pack, bytes, signal),
      read: (pack, offset, length) => this.#lease.read(pack, offset, length, signal),
    };
  }

  async #origin(): Promise<Origin | undefined> {
    try {
      return JSON.parse(await readFile(`${this.#path}.origin`, "utf8")) as Origin;
    } catch {
      return undefined;
    }
  }

  async #note(generation: number, looks: string): Promise<void> {
    this.#fingerprint = looks;
    this.#generation = generation;
    const origin: Origin = { slot: this.#lease.grant.slot, generation, fingerprint: looks };
    await writeFile(`${this.#path}.origin`, JSON.stringify(origin));
  }
}

/** What is the same as long as nobody has touched anything in the folder: the kernel alone sets times of change. */
async function fingerprint(folder: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await runCommand("find", [folder, "-printf", "%P\\0%y %m %U %G %s %T@ %C@ %i %l\\0"], {
    signal,
    output: async (stdout) => {
      for await (const chunk of stdout) hash.update(chunk);
    },
  });
  return hash.digest("hex");
}
