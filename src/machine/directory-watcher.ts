import { type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";
import { pause } from "../streams/pause.ts";

/** Milliseconds without further changes before a change is reported. */
const QUIET = 100;
/** A change is reported after this time, even when others keep following. */
const MAX_WAIT = 1000;
/** Pause between two reports where directories cannot be watched. */
const POLL = 1000;

/**
 * Reports that something in a set of directories may have changed. Directories below them are not included. Where the
 * system rejects a watch, for example because the user has no watches left, each wait ends after a second.
 */
export class DirectoryWatcher implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  #isPolling = false;
  #hasChanged = false;
  #report: (() => void) | undefined;

  /** Replaces the set of directories. Those that do not exist are skipped. */
  watch(directories: ReadonlySet<string>): void {
    this.#isPolling = false;
    for (const directory of this.#watchers.keys()) if (!directories.has(directory)) this.#remove(directory);
    for (const directory of directories) if (!this.#watchers.has(directory)) this.#add(directory);
  }

  /** Resolves after the next change, or at once if there was one since the last call. */
  async change(): Promise<void> {
    if (this.#isPolling) return pause(POLL);
    await this.#next();
    const began = Date.now();
    for (let isQuiet = false; !isQuiet && Date.now() - began < MAX_WAIT; ) {
      isQuiet = await Promise.race([this.#next().then(() => false), pause(QUIET).then(() => true)]);
    }
    this.#report = undefined;
  }

  [Symbol.dispose](): void {
    for (const directory of [...this.#watchers.keys()]) this.#remove(directory);
  }

  async #next(): Promise<void> {
    if (!this.#hasChanged)
      await new Promise<void>((resolve) => {
        this.#report = resolve;
      });
    this.#hasChanged = false;
  }

  #add(directory: string): void {
    try {
      const watcher = watch(directory, (event, name) => {
        this.#hasChanged = true;
        // The directory was removed or renamed: another one of the same path needs another watch.
        if (event === "rename" && name === basename(directory)) this.#remove(directory);
        this.#report?.();
      });
      watcher.on("error", () => this.#remove(directory));
      this.#watchers.set(directory, watcher);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") this.#isPolling = true;
    }
  }

  #remove(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }
}
