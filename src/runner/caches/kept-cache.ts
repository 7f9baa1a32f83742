import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import type { CacheState } from "../../../schemas/cache-mount.ts";
import { runProgram } from "../command.ts";
import { removeTree } from "../files/remove-tree.ts";
import { TransferError } from "../server/transfer-error.ts";
import { isWasteful, loadFolder, type PackPlace, saveFolder } from "./cache-archive.ts";
import type { CacheLease } from "./cache-service.ts";

/** The server's state that a folder had last, and the folder's fingerprint then. */
interface Origin {
  slot: number;
  generation: number;
  fingerprint: string;
}

/** A folder of this machine that is a copy of a cache at the server. */
export class KeptCache {
  readonly #path: string;
  readonly #lease: CacheLease;
  #fingerprint: string | undefined;
  /** Generation of the state that was loaded or saved last. */
  #generation: number;

  constructor(path: string, lease: CacheLease) {
    this.#path = path;
    this.#lease = lease;
    this.#generation = lease.grant.generation;
  }

  /**
   * Loads the server's state into the folder, unless the folder already has it. False when the server has no state or
   * cannot send it.
   * @throws {DOMException} when `signal` aborts
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
      // Another runner may have stored a new state, or the server may be gone. The step starts with an empty cache then.
      if (!(error instanceof TransferError || error instanceof TypeError)) console.error(error);
      return false;
    }
    await removeTree(this.#path);
    await rename(fresh, this.#path);
    await this.#note(generation, await fingerprint(this.#path, signal));
    return true;
  }

  /**
   * Saves the folder at the server if it changed since it was loaded. Nothing may write to it meanwhile.
   * @throws {DOMException} when `signal` aborts
   * @throws {TransferError | Error} when it cannot be saved
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
    // When most of the old packs is unused, all contents go into new ones.
    if (base !== undefined && isWasteful(state, base)) return this.#note(await whole(), now);
    try {
      await this.#note(await this.#lease.putState(state, signal), now);
    } catch (error) {
      const status = error instanceof TransferError ? error.status : 0;
      // Another runner replaced the state whose packs this one uses, or the packs have too many bytes.
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

  async #note(generation: number, fingerprint: string): Promise<void> {
    this.#fingerprint = fingerprint;
    this.#generation = generation;
    const origin: Origin = { slot: this.#lease.grant.slot, generation, fingerprint };
    await writeFile(`${this.#path}.origin`, JSON.stringify(origin));
  }
}

/** A digest that changes when anything in the folder changes: processes cannot set the ctime of a file. */
async function fingerprint(folder: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await runProgram("find", [folder, "-printf", "%P\\0%y %m %U %G %s %T@ %C@ %i %l\\0"], {
    signal,
    output: async (stdout) => {
      for await (const chunk of stdout) hash.update(chunk);
    },
  });
  return hash.digest("hex");
}
