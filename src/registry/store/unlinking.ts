import type { ObjectStore } from "../../store/object-store.ts";
import { Tombstones } from "../../store/tombstones.ts";
import { pause } from "../../streams/pause.ts";
import { RegistryError } from "../errors.ts";

/** A tombstone that exists longer belongs to a process that has ended; in milliseconds. */
const ABANDONED_MS = 60_000;
const PAUSE_MS = 50;
const TRIES = 600;

/** Prefix of the epochs of repositories, which are needed only while a manifest is being stored. */
export const EPOCHS = "epochs/";

/** Must be awaited before the first item is removed. */
export type Removing = () => Promise<void>;

/**
 * Removes items of a repository under a lock: what is unreferenced when `act` looks remains unreferenced until it is
 * removed. Writers detect a running removal by its tombstone, and a finished one by a new epoch.
 * @throws {RegistryError} `UNAVAILABLE` when other removals take too long
 */
export async function whileUnlinking<T>(
  store: ObjectStore,
  name: string,
  act: (removing: Removing) => Promise<T>,
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
 * Waits for a running removal and returns the epoch. If it is the same before a lookup and after a reference was
 * stored, nothing was removed in between.
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
