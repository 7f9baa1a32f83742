import type { ObjectStore } from "../store/object-store.ts";
import { r2Store } from "../store/r2-store.ts";
import { remoteStore } from "../store/remote-store.ts";
import { isolateMemory } from "../streams/memory-budget.ts";
import type { Env } from "./environment.ts";

/**
 * Memory that builds, caches and writers share in an isolate of 128 MB. The rest is for the program, the entries of contexts
 * and layers in use, and the runtime.
 */
const WORKER_MEMORY = 40 * 2 ** 20;

/** One for all requests, so that what is remembered of it is remembered for all. */
let store: ObjectStore | undefined;

/** Where this Worker keeps its objects: R2, or what the program that serves it on one's own machine keeps. */
export function storeOf({ BUCKET, OBJECTS, FILES }: Pick<Env, "BUCKET" | "OBJECTS" | "FILES">): ObjectStore {
  if (store !== undefined) return store;
  if (OBJECTS && FILES) {
    store = remoteStore(OBJECTS, FILES);
  } else {
    isolateMemory.total = WORKER_MEMORY;
    store = r2Store(BUCKET);
  }
  return store;
}
