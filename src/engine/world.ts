import type { Fetch } from "../network/checked-fetch.ts";
import type { ImageResolver } from "../registry/image-resolver.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { Runners, Secrets } from "./run/runners.ts";
import type { LayerProgram } from "./solve/layer-program.ts";
import type { MemoryBudget } from "./solve/memory-budget.ts";

/** The environment of the engine: everything it reads and writes goes through here. */
export interface World {
  /** Layers, manifests, contexts: everything that must be correct. */
  readonly store: ObjectStore;
  /** The build cache, which may forget. */
  readonly cache: CacheStore;
  /** Images of this registry and of others. */
  readonly images: ImageResolver;
  /** For ADD: refuses addresses that a build may not reach and follows redirects by hand. */
  readonly fetch: Fetch;
  /** Bytes of a layer that may wait in memory until its digest is known; what has no room waits in the store. */
  readonly layerMemory: number;
  /** For the layers that are written at the same time, by all builds of an isolate. */
  readonly memory: MemoryBudget;
  /** Where it waits; by default the store. */
  readonly spools?: ObjectStore;
  /** Writes layers of steps in place of the server. */
  readonly layerProgram?: LayerProgram;
  /** Execute RUN; without runners a build that has RUN is rejected. */
  readonly runners?: Runners;
  /** URL of this server as the client named it, as `https://varve.example`: the builder in provenance. */
  readonly origin: string;
  /** For the mounts of RUN. */
  readonly secrets?: Secrets;
}
