import type { Fetch } from "../network/checked-fetch.ts";
import type { ImageResolver } from "../registry/image-resolver.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { RunExecutor, Secrets } from "./run/run-executor.ts";

/** What the engine asks of the world: everything it reads and writes goes through here. */
export interface World {
  /** Layers, manifests, contexts: what must be right. */
  readonly store: ObjectStore;
  /** The build cache, which may forget. */
  readonly cache: CacheStore;
  /** Images of this registry and of others. */
  readonly images: ImageResolver;
  /** For ADD: refuses addresses that a build may not reach and follows redirects by hand. */
  readonly fetch: Fetch;
  /** Bytes of a layer that may wait in memory until its digest is known; what has no room waits in the store. */
  readonly layerMemory: number;
  /** Where it waits, when something is to know of it; by default the store. */
  readonly spools?: ObjectStore;
  /** Who carries out RUN; without it a build that has one is refused. */
  readonly runners?: RunExecutor;
  /** URL under which this server was asked, as `https://varve.example`: names it as who builds. */
  readonly origin: string;
  /** For the mounts of RUN. */
  readonly secrets?: Secrets;
}
