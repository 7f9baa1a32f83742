import type { CachePolicy } from "../../../schemas/options.ts";
import type { StateLayer } from "./states.ts";

/** Bytes of files that a runner can fetch and unpack in a second, about. */
const FETCHED_BYTES = 50 * 2 ** 20;
/** Seconds that fetching any layer takes at least. */
const FETCH_SECONDS = 0.2;

/**
 * The results of a build that are stored for later builds, although no image contains them; those that saved the most time
 * come first. `auto`: those of runners that end with the build, if executing the step again takes longer than fetching
 * its result. `max`: all of them. `min`: none.
 * @param held layers that only runners hold, with the milliseconds that their steps took
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
