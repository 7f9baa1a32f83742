import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../../streams/sha256.ts";
import { readRecord } from "./directory-record.ts";

/** Names of removed snapshots that may stay, because `removeStale` reads all names. */
const MAX_STALE = 1000;

/** The names under which snapshots of a store are kept for later builds: files whose content is the snapshot's id. */
export class SnapshotNames {
  /** Folder of these files. */
  readonly folder: string;
  readonly #store: string;
  /** Names that were kept since `removeStale`. */
  #kept = 0;

  /** @param store folder of the snapshots */
  constructor(store: string) {
    this.folder = `${store}.names`;
    this.#store = store;
  }

  async keep(id: string, names: readonly string[]): Promise<void> {
    for (const name of names) await writeFile(this.#pathOf(name), id);
    this.#kept += names.length;
    if (this.#kept >= MAX_STALE) await this.removeStale();
  }

  /** Finds the snapshots of names. Deletes names of snapshots that were removed. */
  async find(names: readonly string[]): Promise<Map<string, { id: string; bytes: number }>> {
    const found = new Map<string, { id: string; bytes: number }>();
    for (const name of names) {
      const snapshot = await this.#read(this.#pathOf(name));
      if (snapshot !== undefined) found.set(name, snapshot);
    }
    return found;
  }

  /** Deletes the names of snapshots that were removed, if there are many. Most are never looked up again. */
  async removeStale(): Promise<void> {
    this.#kept = 0;
    const names = await readdir(this.folder);
    const snapshots = await readdir(this.#store);
    if (names.length <= snapshots.length + MAX_STALE) return;
    for (const name of names) await this.#read(join(this.folder, name));
  }

  /** The snapshot of a name. Deletes a name whose snapshot was removed. */
  async #read(path: string): Promise<{ id: string; bytes: number } | undefined> {
    const id = await readFile(path, "utf8").catch(() => undefined);
    if (id === undefined) return undefined;
    const record = await readRecord(join(this.#store, id));
    if (record !== undefined) return { id, bytes: record.bytes };
    await rm(path, { force: true });
    return undefined;
  }

  #pathOf(name: string): string {
    return join(this.folder, sha256Hex(name));
  }
}
