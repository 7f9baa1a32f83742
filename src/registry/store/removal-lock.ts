import type { ObjectStore } from "../../store/object-store.ts";
import { StoreBusyError } from "../../store/retry.ts";
import { Tombstones } from "../../store/tombstones.ts";
import { pause } from "../../streams/pause.ts";
import { RegistryError } from "../errors.ts";

/** Age in milliseconds at which a lock is taken over, because the process that held it must have ended. */
const ABANDONED_MS = 60_000;
/** Milliseconds after which a removal renews its lock. */
const RENEWED_MS = 15_000;
const PAUSE_MS = 50;
/** Number of pauses of a removal, and of a writer: longer than an abandoned lock lasts. */
const TRIES = 600;
const WRITER_TRIES = 1300;

/** Prefix of the epochs of repositories, which are needed only while a manifest is being stored. */
export const EPOCHS = "epochs/";

/** Changes the epoch. Must be awaited before the first item is removed. */
export type BeginRemoval = () => Promise<void>;

/**
 * Runs `act` under the removal lock of a repository, so that what `act` finds unreferenced stays so until it is removed.
 * Writers detect a running removal by its tombstone, and a finished one by a new epoch.
 * @throws {RegistryError} `UNAVAILABLE` when other removals take too long
 */
export async function withRemovalLock<T>(
  store: ObjectStore,
  name: string,
  act: (beginRemoval: BeginRemoval) => Promise<T>,
): Promise<T> {
  const tombstones = new Tombstones(store);
  const key = unlinkingKey(name);
  const owner = crypto.randomUUID();
  for (let tries = 0; !(await tombstones.claim(key, owner, ABANDONED_MS)); tries++) {
    if (tries === TRIES) {
      throw new RegistryError("UNAVAILABLE", "the repository is being cleaned up", { detail: { name } });
    }
    await pause(PAUSE_MS);
  }
  const stopRenewing = keepRenewing(tombstones, key, owner);
  try {
    return await act(async () => {
      const metadata = { id: crypto.randomUUID() };
      await store.put(EPOCHS + name, new Uint8Array(), 0, { metadata });
    });
  } finally {
    await stopRenewing();
    await tombstones.release(key, owner);
  }
}

/** Renews a lock, so that a removal may take longer than an abandoned lock lasts. Returns a function that ends it. */
function keepRenewing(tombstones: Tombstones, key: string, owner: string): () => Promise<void> {
  let last = Date.now();
  const renew = async () => {
    const now = Date.now();
    // After a long interruption another removal may have the lock.
    if (now - last > ABANDONED_MS / 2) return;
    await tombstones.renew(key, owner);
    last = now;
  };
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    // A failed renewal is tried again.
    renewing = renewing.then(renew).catch(() => {});
  }, RENEWED_MS);
  return async () => {
    clearInterval(timer);
    await renewing;
  };
}

/**
 * Waits for a running removal and returns the epoch. If a writer reads the same epoch before its lookups and after it stored
 * its reference, nothing was removed in between.
 * @throws {StoreBusyError} when the removal takes too long
 */
export async function readEpoch(store: ObjectStore, name: string): Promise<string | undefined> {
  const tombstones = new Tombstones(store);
  for (let tries = 0; ; tries++) {
    // Before the lock: a removal that begins after it changes the epoch.
    const epoch = (await store.head(EPOCHS + name))?.metadata.id;
    const locked = await tombstones.writtenAt(unlinkingKey(name));
    if (locked === undefined || Date.now() - locked >= ABANDONED_MS) return epoch;
    if (tries === WRITER_TRIES) throw new StoreBusyError(`Cannot change "${name}": it is being cleaned up`);
    await pause(PAUSE_MS);
  }
}

function unlinkingKey(name: string): string {
  return `repos/${name}/`;
}
