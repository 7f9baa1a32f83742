import type { Build } from "./build-object.ts";
import type { Runners } from "./runners-object.ts";

/** Bindings and settings of the Worker; `wrangler.toml` declares them. */
export interface Env {
  /** Everything that must be right: blobs, manifests, tags, contexts. */
  BUCKET: R2Bucket;
  /** On one's own machine: a program that keeps the objects in place of `BUCKET`. */
  OBJECTS?: Fetcher;
  /** The build cache. */
  CACHE: KVNamespace;
  /** One object per build, by build id. */
  BUILDS: DurableObjectNamespace<Build>;
  /** One object, which knows all runners. */
  RUNNERS: DurableObjectNamespace<Runners>;
  /** What runners must show. Without it, only those on this machine are taken. */
  VARVE_RUNNER_TOKEN?: string;
  /** Seconds for which RUN waits when no runner is connected. */
  VARVE_RUNNER_WAIT?: string;
  /** Seconds after which the process of a RUN is ended. */
  VARVE_RUN_TIMEOUT?: string;
  /** JSON, registry host → base URL that is asked instead. */
  VARVE_MIRRORS?: string;
  /** "1" on a server of one's own machine: registries and URLs on loopback may be read, over plain http. */
  VARVE_LOCAL?: string;
}
