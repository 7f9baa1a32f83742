import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../../streams/sha256.ts";
import { readRecord } from "./directory-record.ts";

/** The names under which snapshots of a store are kept for later builds: files whose content is the snapshot's id. */
export class SnapshotNames {
  /** Folder of these files. */
  readonly folder: string;
  readonly #store: string;

  /** @param store folder of the snapshots */
  constructor(store: string) {
    this.folder = `${store}.names`;
    this.#store = store;
  }

  async keep(id: string, names: readonly string[]): Promise<void> {
    for (const name of names) await writeFile(this.#pathOf(name), id);
  }

  /** Finds the snapshots of names. Deletes names of snapshots that were removed. */
  async find(names: readonly string[]): Promise<Map<string, { id: string; bytes: number }>> {
    const found = new Map<string, { id: string; bytes: number }>();
    for (const name of names) {
      const id = await readFile(this.#pathOf(name), "utf8").catch(() => undefined);
      if (id === undefined) continue;
      const record = await readRecord(join(this.#store, id));
      if (record === undefined) await rm(this.#pathOf(name), { force: true });
      else found.set(name, { id, bytes: record.bytes });
    }
    return found;
  }

  #pathOf(name: string): string {
    return join(this.folder, sha256Hex(name));
  }
}
