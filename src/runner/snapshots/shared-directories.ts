import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import { DISK_FULL, isFull } from "../files/disk.ts";
import { removeTree } from "../files/remove-tree.ts";
import { JobError } from "../job-error.ts";
import { once } from "../once.ts";
import { Slots } from "../slots.ts";
import { DirectoryClaims, isAlive } from "./directory-claims.ts";
import { type DirectoryRecord, RECORD, readRecord, writeRecord } from "./directory-record.ts";

/** A directory that stays until it is released. */
export interface HeldDirectory {
  name: string;
  /** A lower directory for overlayfs. */
  path: string;
  record: DirectoryRecord;
  release(): void;
}

interface KnownDirectory {
  record: DirectoryRecord;
  usedAt: number;
  holders: number;
}

/** Writes the contents of a new directory. */
export type FillDirectory = (tree: string) => Promise<DirectoryRecord>;

const NEW = "new-";
const OLD = "old-";
/** Directories that are made at the same time. */
const CONCURRENCY = 4;

/**
 * Named directories in a folder that several programs may share. They are made atomically. Those that are not in use are
 * removed, the longest unused first, while all together are larger than `limit` bytes.
 */
export class SharedDirectories {
  readonly #folder: string;
  readonly #limit: number;
  readonly #slots = new Slots(CONCURRENCY);
  readonly #known = new Map<string, KnownDirectory>();
  readonly #making = new Map<string, Promise<void>>();
  readonly #evicting = new Map<string, Promise<unknown>>();
  readonly #claims: DirectoryClaims;

  private constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
    this.#claims = new DirectoryClaims(`${folder}.claims`);
  }

  /** Reads what is in `folder`. Removes directories that a program was making or removing when it ended. */
  static async open(folder: string, limit: number): Promise<SharedDirectories> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const directories = new SharedDirectories(folder, limit);
    for (const name of await readdir(folder)) {
      const [, maker] = /^(?:new|old)-(.+)\+/.exec(name) ?? [];
      if (maker !== undefined && isAlive(maker)) continue;
      if (!(await directories.#read(name))) await removeTree(join(folder, name));
    }
    await directories.#evict();
    return directories;
  }

  /** Releases all directories for other programs. */
  close(): void {
    this.#claims.close();
  }

  /** The records of the known directories by name. They may have been removed meanwhile. */
  *records(): Generator<[name: string, record: DirectoryRecord]> {
    for (const [name, { record }] of this.#known) yield [name, record];
  }

  /** The record of a directory, if it is known. */
  recordOf(name: string): DirectoryRecord | undefined {
    return this.#known.get(name)?.record;
  }

  /** Changes the record of a directory, if it is known. */
  async update(name: string, change: Partial<DirectoryRecord>): Promise<void> {
    const record = this.recordOf(name);
    if (record !== undefined) await writeRecord(join(this.#folder, name), Object.assign(record, change));
  }

  /** Holds the directory of this name; undefined when it is missing. */
  async hold(name: string): Promise<HeldDirectory | undefined> {
    await this.#claim(name);
    return this.#holdKnown(name);
  }

  /** Holds the directory of this name; `fill` makes its contents when it is missing. */
  async holdOrMake(name: string, signal: AbortSignal, fill: FillDirectory): Promise<HeldDirectory> {
    for (;;) {
      await this.#claim(name);
      const held = this.#holdKnown(name);
      if (held !== undefined) return held;
      let making = this.#making.get(name);
      const isMine = making === undefined;
      making ??= this.#make(name, fill);
      try {
        await making;
      } catch (error) {
        // The attempt of another caller may have been cancelled.
        if (isMine || signal.aborted) throw error;
      }
    }
  }

  #holdKnown(name: string): HeldDirectory | undefined {
    const known = this.#known.get(name);
    const folder = join(this.#folder, name);
    // The folder may have been emptied.
    if (known === undefined || !existsSync(join(folder, RECORD))) return undefined;
    known.holders += 1;
    known.usedAt = Date.now();
    const release = once(() => this.#release(name, known));
    return { name, path: join(folder, "tree"), record: known.record, release };
  }

  /** Protects a directory from removal by other programs, and reads whether it exists. */
  async #claim(name: string): Promise<void> {
    await this.#evicting.get(name);
    if ((await this.#claims.claim(name)) && !(await this.#read(name))) this.#known.delete(name);
  }

  /** Reads the record of a directory unless it is known. @returns whether the directory is complete */
  async #read(name: string): Promise<boolean> {
    const found = await readRecord(join(this.#folder, name));
    if (found === undefined) return false;
    const { usedAt, ...record } = found;
    if (!this.#known.has(name)) this.#known.set(name, { record, usedAt, holders: 0 });
    return true;
  }

  #release(name: string, known: KnownDirectory): void {
    known.holders -= 1;
    const now = new Date();
    utimes(join(this.#folder, name, RECORD), now, now).catch(() => {});
    this.#evict().catch((error: unknown) => console.error(error));
  }

  #make(name: string, fill: FillDirectory): Promise<void> {
    const making = this.#slots.use(() => this.#makeNow(name, fill)).finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }

  async #makeNow(name: string, fill: FillDirectory): Promise<void> {
    const folder = this.#temporary(NEW);
    try {
      await mkdir(join(folder, "tree"), { recursive: true, mode: 0o755 });
      const record = await fill(join(folder, "tree"));
      await writeRecord(folder, record);
      if (!(await renameNew(folder, join(this.#folder, name)))) await removeTree(folder);
      this.#known.set(name, { record, usedAt: Date.now(), holders: 0 });
    } catch (cause) {
      const error = (await isFull(this.#folder)) ? new JobError("out-of-disk", DISK_FULL) : cause;
      await removeTree(folder);
      throw error;
    }
  }

  async #evict(): Promise<void> {
    if (this.#bytes <= this.#limit) return;
    // Other programs may have added directories.
    for (const name of await readdir(this.#folder)) {
      if (!this.#known.has(name) && !this.#evicting.has(name)) await this.#read(name);
    }
    const names = [...this.#known].sort(([, a], [, b]) => a.usedAt - b.usedAt).map(([name]) => name);
    for (const name of names) {
      if (this.#bytes <= this.#limit) return;
      const known = this.#known.get(name);
      if (known === undefined || known.holders > 0) continue;
      this.#known.delete(name);
      const evicting = this.#evictOne(name, known).finally(() => this.#evicting.delete(name));
      this.#evicting.set(name, evicting);
      await evicting;
    }
  }

  async #evictOne(name: string, known: KnownDirectory): Promise<void> {
    const gone = this.#temporary(OLD);
    const isMine = await this.#claims.evict(name, () =>
      rename(join(this.#folder, name), gone).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      }),
    );
    if (isMine) await removeTree(gone);
    else this.#known.set(name, known);
  }

  get #bytes(): number {
    let total = 0;
    for (const { record } of this.#known.values()) total += record.bytes;
    return total;
  }

  #temporary(kind: typeof NEW | typeof OLD): string {
    return join(this.#folder, `${kind}${this.#claims.program}+${randomUUID()}`);
  }
}

/** Renames a new folder; false when the name is taken, because another program was faster. */
async function renameNew(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}
