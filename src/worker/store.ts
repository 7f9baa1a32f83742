import type { ObjectStore } from "../store/object-store.ts";
import { r2Store } from "../store/r2-store.ts";
import { remoteStore } from "../store/remote-store.ts";
import type { Env } from "./environment.ts";

/** One for all requests, so that what is remembered of it is remembered for all. */
let store: ObjectStore | undefined;

/** Where this Worker keeps its objects: R2, or what the program that serves it on one's own machine keeps. */
export function storeOf({ BUCKET, OBJECTS, FILES }: Pick<Env, "BUCKET" | "OBJECTS" | "FILES">): ObjectStore {
  store ??= OBJECTS && FILES ? remoteStore(OBJECTS, FILES) : r2Store(BUCKET);
  return store;
}
