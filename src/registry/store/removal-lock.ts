import type { ObjectStore } from "../../store/object-store.ts";
import { Tombstones } from "../../store/tombstones.ts";
import { pause } from "../../streams/pause.ts";
import { RegistryError } from "../errors.ts";

/** Age in milliseconds at which a lock is taken over, because the process that held it must have ended. */
const ABANDONED_MS = 60_000;
const PAUSE_MS = 50;
const TRIES = 600;

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
  for (let tries = 0; !(await tombstones.claim(key, ABANDONED_MS)); tries++) {
    if (tries === TRIES) {
      throw new RegistryError("UNAVAILABLE", "the repository is being cleaned up", { detail: { name } });
    }
    await pause(PAUSE_MS);
  }
  try {
    return await act(async () => {
      const metadata = { id: crypto.randomUUID() };
      await store.put(EPOCHS + name, new Uint8Array(), 0, { metadata });
    });
  } finally {
    await tombstones.remove(key);
  }
}

/**
 * Waits for a running removal and returns the epoch. If a writer reads the same epoch before its lookups and after it stored
 * its reference, nothing was removed in between.
 */
export async function readEpoch(store: ObjectStore, name: string): Promise<string | undefined> {
  const tombstones = new Tombstones(store);
  const key = unlinkingKey(name);
  const read = async () => (await store.head(EPOCHS + name))?.metadata.id;
  const epoch = await read();
  if (!(await tombstones.has(key))) return epoch;
  await tombstones.waitForDecision(key);
  return read();
}

function unlinkingKey(name: string): string {
  return `repos/${name}/`;
}
