import type { Held } from "../../garbage/held.ts";
import { eachAtOnce } from "../../store/at-once.ts";
import type { ObjectStore } from "../../store/object-store.ts";

/** Storage prefix of the ids of builds that are running. */
const RUNNING = "running/";
/** Younger entries belong to builds that may just be starting. */
const LEFT_BEHIND_MS = 60 * 60 * 1000;

/** Lists a build as running. Called before the build needs anything, so that the collector calls its object. */
export async function noteRunning(store: ObjectStore, id: string): Promise<void> {
  await store.put(RUNNING + id, new Uint8Array(), 0);
}

/** Removes a build that needs nothing any more from the list. */
export async function noteIdle(store: ObjectStore, id: string): Promise<void> {
  await store.delete(RUNNING + id);
}

/** What running builds need. Removes builds from the list that were interrupted and did not start again. */
export async function heldByBuilds(
  store: ObjectStore,
  buildOf: (id: string) => { held(): Promise<Held> },
): Promise<Held> {
  const blobs = new Set<string>();
  const manifests = new Set<string>();
  const contexts = new Set<string>();
  const read = async (id: string): Promise<boolean> => {
    const held = await buildOf(id).held();
    for (const digest of held.blobs) blobs.add(digest);
    for (const digest of held.manifests) manifests.add(digest);
    for (const digest of held.contexts) contexts.add(digest);
    return held.contexts.length > 0;
  };
  const running: { id: string; isOld: boolean }[] = [];
  for await (const { key, uploaded } of store.list(RUNNING)) {
    running.push({ id: key.slice(RUNNING.length), isOld: Date.now() - uploaded > LEFT_BEHIND_MS });
  }
  await eachAtOnce(running, async ({ id, isOld }) => {
    if ((await read(id)) || !isOld) return;
    await noteIdle(store, id);
    // It may have started in the meantime.
    if (await read(id)) await noteRunning(store, id);
  });
  return { blobs: [...blobs], manifests: [...manifests], contexts: [...contexts] };
}
