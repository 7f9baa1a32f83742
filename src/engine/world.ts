import type { Fetch } from "../network/checked-fetch.ts";
import type { ImageResolver } from "../registry/image-resolver.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { MemoryBudget } from "../streams/memory-budget.ts";
import type { RunnerPool, Secrets } from "./run/runners.ts";
import type { LayerProgram } from "./solve/layer-program.ts";
import type { Segments } from "./solve/write-layer.ts";

/** The services that the engine uses: all its I/O goes through them. */
export interface World {
  /** Layers, manifests and contexts: durable and consistent. */
  readonly store: ObjectStore;
  /** The build cache, which may lose entries. */
  readonly cache: CacheStore;
  /** Images of this registry and of others. */
  readonly images: ImageResolver;
  /** For ADD: rejects addresses that a build must not reach, and follows redirects itself. */
  readonly fetch: Fetch;
  /** Maximum number of bytes of a layer that are buffered in memory until its digest is known. The rest is in `spools`. */
  readonly layerMemory: number;
  /** Memory for layers that are written concurrently, shared by all builds of an isolate. */
  readonly memory: MemoryBudget;
  /** Buffers layers that do not fit in memory; by default the store. */
  readonly spools?: ObjectStore;
  /** For layers that are too large for one invocation. @param name of the layer, unique in the build */
  readonly segments?: (name: string) => Segments;
  /** Writes layers outside the server process, if set. */
  readonly layerProgram?: LayerProgram;
  /** Executes RUN; without runners, a build with RUN is rejected. */
  readonly runners?: RunnerPool;
  /** URL of this server as the client named it, as `https://varve.example`: the builder in provenance. */
  readonly origin: string;
  /** For the mounts of RUN. */
  readonly secrets?: Secrets;
}
