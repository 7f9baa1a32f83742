import type { ObjectStore } from "../../store/object-store.ts";
import { RegistryError } from "../errors.ts";
import { Tombstones } from "./tombstones.ts";

/** A holder that did not finish in this time is gone. */
const ABANDONED_MS = 60_000;
const PAUSE_MS = 50;
const TRIES = 600;

/** The folder of the epochs of repositories. They are needed for no longer than the storing of one manifest takes. */
export const EPOCHS = "epochs/";

/** Must be awaited before the first item is removed. */
export type Removing = () => Promise<void>;

/**
 * Removes items of a repository while nothing else does: what nothing needs when `act` looks, nothing needs until it has
 * removed it. Writers see a removal in progress by a tombstone, and one that has ended by a new epoch.
 *
 * @throws RegistryError `UNAVAILABLE` when other removals take too long
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
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
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
 * Waits for a removal in progress. Returns the epoch: when it is the same before something is looked up and after a
 * reference to it was stored, nothing was removed in between.
 */
export async function epochOf(store: ObjectStore, name: string): Promise<string | undefined> {
  const tombstones = new Tombstones(store);
  const key = unlinkingKey(name);
  const read = async () => (await store.head(EPOCHS + name))?.metadata.id;
  const epoch = await read();
  if (!(await tombstones.has(key))) return epoch;
  await tombstones.settled(key);
  return read();
}

function unlinkingKey(name: string): string {
  return `repos/${name}/`;
}
