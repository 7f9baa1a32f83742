import type { CachePolicy } from "../../../schemas/options.ts";
import type { StateLayer } from "./states.ts";

/** Approximate number of bytes that a runner fetches and unpacks per second. */
const FETCHED_BYTES = 50 * 2 ** 20;
/** Minimum time to fetch a layer, in seconds. */
const FETCH_SECONDS = 0.2;

/**
 * The results that are stored for later builds although no image contains them, ordered by saved time. `auto`:
 * results of runners that end with the build, if executing the step again takes longer than fetching its result. `max`:
 * all results. `min`: none.
 * @param held layers that only runners hold, with the duration of their steps in milliseconds
 */
export function resultsToStore(held: ReadonlyMap<StateLayer, number>, policy: CachePolicy): StateLayer[] {
  if (policy === "min") return [];
  const results = [...held].filter(([layer, milliseconds]) => {
    const { snapshot, isOnlyHeld } = layer;
    if (snapshot === undefined || !isOnlyHeld) return false;
    if (policy === "max") return true;
    const fetching = FETCH_SECONDS + snapshot.bytes / FETCHED_BYTES;
    return snapshot.isTransient && milliseconds > fetching * 1000;
  });
  return results.sort(([, a], [, b]) => b - a).map(([layer]) => layer);
}
