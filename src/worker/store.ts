import { readElsewhere } from "../layers/foreign-workers.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { r2Store } from "../store/r2-store.ts";
import { remoteStore } from "../store/remote-store.ts";
import { isolateMemory } from "../streams/memory-budget.ts";
import { foreignWorker } from "./builds/layer-segments.ts";
import type { Env } from "./environment.ts";
import type { Placement } from "./placement.ts";

/**
 * Memory in bytes that builds, caches and writers share in an isolate of 128 MB. The rest is for code, entries of contexts, open
 * layers, and the runtime.
 */
const WORKER_MEMORY = 40 * 2 ** 20;

/** Shared by all requests, with its caches. */
let store: ObjectStore | undefined;

/** The object store of this Worker: R2, or the host program's store on a local server. */
export function storeOf(
  env: Pick<Env, "BUCKET" | "OBJECTS" | "FILES" | "LAYER_SEGMENTS"> & Placement,
): ObjectStore {
  const { BUCKET, OBJECTS, FILES } = env;
  if (store !== undefined) return store;
  if (OBJECTS && FILES) {
    store = remoteStore(OBJECTS, FILES);
  } else {
    isolateMemory.total = WORKER_MEMORY;
    store = r2Store(BUCKET);
    // Only on Cloudflare does an invocation have a CPU limit.
    readElsewhere(store, () => foreignWorker(env));
  }
  return store;
}
