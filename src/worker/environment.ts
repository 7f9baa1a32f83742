import type { AccessService } from "./access/access-service.ts";
import type { RequestAccess } from "./access/request-access.ts";
import type { BuildService } from "./builds/build-service.ts";
import type { LayerSegmentsService } from "./builds/layer-segments-service.ts";
import type { CacheMountService } from "./cache-mounts/cache-mount-service.ts";
import type { CollectorService } from "./operation/collector-service.ts";
import type { MetricsService } from "./operation/metrics-service.ts";
import type { Placement } from "./placement.ts";
import type { ContainerService } from "./runners/container-service.ts";
import type { PoolVariables } from "./runners/pools.ts";
import type { RunnersService } from "./runners/runners-service.ts";

/** Bindings and settings of the Worker; `wrangler.toml` declares them. */
export interface Env extends Placement, PoolVariables {
  /** Objects that need strong consistency: blobs, manifests, tags, contexts. */
  BUCKET: R2Bucket;
  /** On a local server: the program that stores objects in place of `BUCKET`. */
  OBJECTS?: Fetcher;
  /** On a local server: the program that writes layers. */
  LAYERS?: Fetcher;
  /** On a local server: read-only access to the files of `OBJECTS`. */
  FILES?: Fetcher;
  /** The build cache. */
  CACHE: KVNamespace;
  /** One object per build, by build id. */
  BUILDS: DurableObjectNamespace<BuildService>;
  /** Objects that share the work on large layers and archives. */
  LAYER_SEGMENTS: DurableObjectNamespace<LayerSegmentsService>;
  /** One object per pool of runners. */
  RUNNERS: DurableObjectNamespace<RunnersService>;
  /** Runners in Cloudflare Containers, if enabled. */
  RUNNER_CONTAINERS?: DurableObjectNamespace<ContainerService>;
  /** Maximum number of these containers per pool, 4 by default. */
  VARVE_CONTAINERS?: string;
  /** Network of the steps in these containers: see `varve runner --network`. */
  VARVE_RUNNER_NETWORK?: string;
  /** One object per cache mount of RUN, by its key. */
  CACHE_MOUNTS: DurableObjectNamespace<CacheMountService>;
  /** One object, the garbage collector. */
  COLLECTOR: DurableObjectNamespace<CollectorService>;
  /** One object for tokens, rules and public repositories. */
  ACCESS: DurableObjectNamespace<AccessService>;
  /** One object, which sums metrics. */
  METRICS: DurableObjectNamespace<MetricsService>;
  /** An Analytics Engine data set, which receives a data point for each request and build. */
  ANALYTICS?: AnalyticsEngineDataset;
  /** A token that grants access to `/metrics` and `/v1/health` only. */
  VARVE_METRICS_TOKEN?: string;
  /** The admin's secret. Without one, only local requests to a local server have admin rights. */
  VARVE_ADMIN_TOKEN?: string;
  /** JSON: public repositories and trusted OIDC issuers, added to those of `PUT /v1/access`. */
  VARVE_ACCESS?: string;
  /**
   * Secret of at least 32 bytes that signs the tokens of the registry. Without it, the object `Access` has the key,
   * and each isolate reads it once.
   */
  VARVE_SIGNING_KEY?: string;
  /** The token of runners. Without it and an admin token, local runners of a local server need no token. */
  VARVE_RUNNER_TOKEN?: string;
  /** Seconds that RUN waits while no runner is connected. */
  VARVE_RUNNER_WAIT?: string;
  /** Maximum size of a stored cache mount in bytes, 2 GiB by default; 0 stores none. */
  VARVE_CACHE_MOUNT_BYTES?: string;
  /** Timeout of a RUN process, in seconds. */
  VARVE_RUN_TIMEOUT?: string;
  /** JSON, registry host → base URL of its mirror. */
  VARVE_MIRRORS?: string;
  /** JSON, registry host → URL of its token service, where that is on another site. */
  VARVE_REALMS?: string;
  /** "1" on a local server. It may read registries and URLs on loopback, over plain http. */
  VARVE_LOCAL?: string;
  /** "1" logs each request, "0" does not. By default a deployed server does. */
  VARVE_LOG?: string;
  /** On a local server: secret that its HTTP front sends with each request. Requests without it are rejected. */
  VARVE_FRONT_SECRET?: string;
}

/** hono's environment of the routes. */
export interface App {
  Bindings: Env;
  Variables: {
    /** Rights of the caller. Not set on public routes and on routes with other tokens. */
    access: RequestAccess;
  };
}
