import { pause } from "../streams/pause.ts";
import type { ObjectStore } from "./object-store.ts";

const PREFIX = "condemned/";
/** Between the key of an abandoned tombstone and its time: the key that the claimant has that replaces it. */
const SUCCESSION = "succession/";
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
   * Writes a tombstone for an owner; returns false when there is one. A tombstone older than `maxAge` milliseconds
   * belongs to a process that has ended, and one of its claimants replaces it.
   */
  async claim(key: string, owner: string, maxAge: number): Promise<boolean> {
    const put = (name: string, ifAbsent: boolean) =>
      this.#store.put(PREFIX + name, new Uint8Array(), 0, { ifAbsent, metadata: { owner } });
    if (await put(key, true)) return true;
    const known = await this.#store.head(PREFIX + key);
    if (known === undefined || Date.now() - known.uploaded < maxAge) return false;
    // The store replaces no object on a condition, so the claimants decide by a new one which of them may do it.
    const turn = `${key}${SUCCESSION}${known.uploaded}`;
    if (!(await put(turn, true))) return false;
    try {
      const now = await this.#store.head(PREFIX + key);
      return now?.uploaded === known.uploaded && (await put(key, false));
    } finally {
      await this.remove(turn);
    }
  }

  /** Makes the tombstone of an owner as new. Only for an owner whose tombstone is not old enough to be claimed. */
  async renew(key: string, owner: string): Promise<void> {
    await this.#store.put(PREFIX + key, new Uint8Array(), 0, { metadata: { owner } });
  }

  /** Removes a tombstone unless another owner has claimed it. */
  async release(key: string, owner: string): Promise<void> {
    const known = await this.#store.head(PREFIX + key);
    if (known?.metadata.owner === owner) await this.remove(key);
  }

  async remove(...keys: readonly string[]): Promise<void> {
    await this.#store.delete(...keys.map((key) => PREFIX + key));
  }

  /** Whether an object may be deleted at any moment. */
  async has(key: string): Promise<boolean> {
    return (await this.writtenAt(key)) !== undefined;
  }

  /** When a tombstone was written, in milliseconds since 1970; undefined without one. */
  async writtenAt(key: string): Promise<number | undefined> {
    return (await this.#store.head(PREFIX + key))?.uploaded;
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
