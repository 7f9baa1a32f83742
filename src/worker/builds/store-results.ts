import type { CachePolicy } from "../../../schemas/options.ts";
import type { FinishedBuild } from "../../engine/build.ts";
import { resultsToStore } from "../../engine/solve/cache-policy.ts";
import { inTime } from "../../streams/pause.ts";

/** Maximum time for storing results: on runners that stop with the build, and on other runners. */
const MAX_TRANSIENT_MS = 60_000;
const MAX_LASTING_MS = 600_000;

/** Stores intermediate results for later builds. @param cancel of the build; aborted when storing takes too long */
export async function storeResults(
  finished: FinishedBuild | undefined,
  policy: CachePolicy,
  cancel: AbortController,
): Promise<void> {
  const results = resultsToStore(finished?.held ?? new Map(), policy);
  const isTransient = results.some(({ snapshot }) => snapshot?.isTransient);
  const limit = isTransient ? MAX_TRANSIENT_MS : MAX_LASTING_MS;
  const timer = setTimeout(() => cancel.abort(new Error("Storing results takes too long")), limit);
  try {
    for (const result of results) await result.ensureStored();
    await finished?.indexLayers();
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the layers are written that no image contains. @param cancel of the build; aborted when that takes too long */
export async function finishWriting(
  finished: FinishedBuild | undefined,
  cancel: AbortController,
): Promise<void> {
  const late = () => cancel.abort(new Error("Writing layers takes too long"));
  await inTime(finished?.written ?? Promise.resolve(), MAX_LASTING_MS, late);
}
