import type { Pins } from "../../garbage/pins.ts";
import { forEachConcurrently } from "../../store/for-each-concurrently.ts";
import type { ObjectStore } from "../../store/object-store.ts";

/** Key prefix of running builds. A key contains the id and the run of a build, so that no key is written twice. */
const RUNNING = "running/";
/** Age in milliseconds at which an entry of a build that does not run is removed. Younger builds may be starting. */
const ABANDONED_MS = 60 * 60 * 1000;

/** Lists a build as running, so that the collector calls its object. Must be called before the build pins anything. */
export async function noteRunning(store: ObjectStore, id: string, run: string): Promise<void> {
  await store.put(`${RUNNING}${id}/${run}`, new Uint8Array(), 0);
}

/** Removes a run from the list, once it pins nothing. */
export async function noteIdle(store: ObjectStore, id: string, run: string): Promise<void> {
  await store.delete(`${RUNNING}${id}/${run}`);
}

/** The contents that running builds pin. Removes builds from the list that were interrupted and not restarted. */
export async function pinnedByBuilds(
  store: ObjectStore,
  buildOf: (id: string) => { held(): Promise<Pins> },
): Promise<Pins> {
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
  const running = new Map<string, string[]>();
  for await (const { key, uploaded } of store.list(RUNNING)) {
    const [, id = ""] = key.split("/");
    const old = running.get(id) ?? [];
    if (Date.now() - uploaded > ABANDONED_MS) old.push(key);
    running.set(id, old);
  }
  await forEachConcurrently(running, async ([id, old]) => {
    if (!(await read(id))) await store.delete(...old);
  });
  return { blobs: [...blobs], manifests: [...manifests], contexts: [...contexts] };
}
