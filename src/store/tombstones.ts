import { pause } from "../streams/pause.ts";
import type { ObjectStore } from "./object-store.ts";

const PREFIX = "condemned/";
/** Pause in milliseconds between two checks of `waitForDecision`, and the number of checks. */
const PAUSE_MS = 100;
const CHECKS = 300;

/**
 * Two-phase delete. The collector writes a tombstone, then scans for references; writers add their reference, then check
 * for a tombstone. One of the two always notices the other.
 */
export class Tombstones {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async add(key: string): Promise<void> {
    await this.#store.put(PREFIX + key, new Uint8Array(), 0);
  }

  /**
   * Writes a tombstone; returns false when there is one. A tombstone older than `maxAge` milliseconds belongs to a
   * process that has ended, and is replaced.
   */
  async claim(key: string, maxAge: number): Promise<boolean> {
    const put = () => this.#store.put(PREFIX + key, new Uint8Array(), 0, { ifAbsent: true });
    if (await put()) return true;
    const known = await this.#store.head(PREFIX + key);
    if (known === undefined || Date.now() - known.uploaded < maxAge) return false;
    await this.remove(key);
    return put();
  }

  async remove(...keys: readonly string[]): Promise<void> {
    await this.#store.delete(...keys.map((key) => PREFIX + key));
  }

  /** Whether an object may be deleted at any moment. */
  async has(key: string): Promise<boolean> {
    return (await this.#store.head(PREFIX + key)) !== undefined;
  }

  /**
   * Waits until the collector has decided about the object. Call it after adding a reference, and then check that the
   * object exists.
   */
  async waitForDecision(key: string): Promise<void> {
    for (let checks = 0; checks < CHECKS && (await this.has(key)); checks++) {
      await pause(PAUSE_MS);
    }
  }

  /** All tombstones: the keys of their objects, and when they were written, in milliseconds since 1970. */
  async *list(): AsyncGenerator<{ key: string; uploaded: number }, void, undefined> {
    for await (const { key, uploaded } of this.#store.list(PREFIX)) {
      yield { key: key.slice(PREFIX.length), uploaded };
    }
  }
}
