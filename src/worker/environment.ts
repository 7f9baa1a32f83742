import type { Build } from "./build-object.ts";

/** Bindings and settings of the Worker; `wrangler.toml` declares them. */
export interface Env {
  /** Everything that must be right: blobs, manifests, tags, contexts. */
  BUCKET: R2Bucket;
  /** The build cache. */
  CACHE: KVNamespace;
  /** One object per build, by build id. */
  BUILDS: DurableObjectNamespace<Build>;
  /** JSON, registry host → base URL that is asked instead. */
  VARVE_MIRRORS?: string;
  /** "1" on a server of one's own machine: registries and URLs on loopback may be read, over plain http. */
  VARVE_LOCAL?: string;
}
