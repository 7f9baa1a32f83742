import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreFullError } from "../../store/object-store.ts";

/** Bytes that uploads leave free, and as many that the reserve has. */
const MAX_RESERVE = 16 * 1024 * 1024;
/** A small disk gives this part of itself. */
const PART = 16;
/** Bytes and milliseconds after which the free space is read again. */
const ASK_AGAIN = { bytes: 8 * 1024 * 1024, milliseconds: 500 };
/** Milliseconds without a deletion after which the reserve takes what is left. */
const QUIET = 30_000;
/** Bytes that it does not take then. */
const MARGIN = 1024 * 1024;

/**
 * The free space of the disk of a folder. Uploads leave some of it to the databases. A reserve file keeps as much from
 * other programs of the machine: it is removed before a deletion on a full disk, because deletions write, too, and made
 * again when there is space.
 */
export class DiskSpace {
  readonly #folder: string;
  readonly #path: string;
  /** Bytes that can be used before the free space is read again. */
  #budget = 0;
  #asked = Number.NEGATIVE_INFINITY;
  #released = Number.NEGATIVE_INFINITY;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "reserve");
  }

  /**
   * Requires free space for bytes.
   * @param isSmall only databases write them: they may use half of what uploads leave free
   * @throws {StoreFullError}
   */
  async require(bytes: number, isSmall = false): Promise<void> {
    if (bytes > this.#budget || performance.now() - this.#asked > ASK_AGAIN.milliseconds) {
      const { free, reserve } = this.#ask();
      const left = free - (isSmall ? reserve / 2 : reserve);
      if (bytes > left)
        throw new StoreFullError(`The disk of the server is full: ${describe(free)} are free`);
      this.#budget = Math.min(left, ASK_AGAIN.bytes);
      this.#asked = performance.now();
    }
    this.#budget -= bytes;
  }

  /** Whether less is free than the space that uploads leave to databases. */
  isFull(): boolean {
    const { free, reserve } = this.#ask();
    return free < reserve / 2;
  }

  /**
   * Removes the reserve when the disk has less free space than that.
   * @param forDeletion something is about to be deleted, which takes a while
   */
  release(forDeletion: boolean): void {
    if (forDeletion) this.#released = performance.now();
    const { free, reserve } = this.#ask();
    if (free < reserve) rmSync(this.#path, { force: true });
  }

  /**
   * Creates the reserve if it is missing. On a disk with too little space, the reserve is smaller, and is created only some
   * time after the last deletion, because the file system may still be freeing space.
   */
  async hold(): Promise<void> {
    const { free, reserve } = this.#ask();
    const isQuiet = performance.now() - this.#released > QUIET;
    const most = free >= 2 * reserve ? reserve : isQuiet ? Math.min(reserve, free - MARGIN) : 0;
    if (this.#held() >= most - MARGIN) return;
    try {
      // Random bytes, which no file system compresses.
      await writeFile(this.#path, randomBytes(most), { mode: 0o600 });
    } catch {
      rmSync(this.#path, { force: true });
    }
  }

  #held(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  #ask(): { free: number; reserve: number } {
    const { bavail, blocks, bsize } = statfsSync(this.#folder);
    return { free: bavail * bsize, reserve: Math.min(MAX_RESERVE, Math.floor((blocks * bsize) / PART)) };
  }
}

/** `SQLITE_FULL` */
const FULL = 13;

/** Returns a `StoreFullError` for a system error that reports a full disk. */
export function asStoreFull(error: unknown): unknown {
  const { code, errcode } = error as { code?: string; errcode?: number };
  const isFull = code === "ENOSPC" || code === "EDQUOT" || errcode === FULL;
  return isFull ? new StoreFullError("The disk of the server is full", { cause: error }) : error;
}

function describe(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)} MiB`;
}
