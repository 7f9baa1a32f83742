import type { AccessService } from "./access/access-service.ts";
import type { RequestAccess } from "./access/request-access.ts";
import type { BuildService } from "./builds/build-service.ts";
import type { CacheMountService } from "./cache-mounts/cache-mount-service.ts";
import type { CollectorService } from "./operation/collector-service.ts";
import type { MetricsService } from "./operation/metrics-service.ts";
import type { ContainerService } from "./runners/container-service.ts";
import type { RunnersService } from "./runners/runners-service.ts";

/** Bindings and settings of the Worker; `wrangler.toml` declares them. */
export interface Env {
  /** Everything that must be right: blobs, manifests, tags, contexts. */
  BUCKET: R2Bucket;
  /** On one's own machine: a program that keeps the objects in place of `BUCKET`. */
  OBJECTS?: Fetcher;
  /** On a local server: a program that writes layers. */
  LAYERS?: Fetcher;
  /** The folder of the files of `OBJECTS`, read-only. */
  FILES?: Fetcher;
  /** The build cache. */
  CACHE: KVNamespace;
  /** One object per build, by build id. */
  BUILDS: DurableObjectNamespace<BuildService>;
  /** One object, which knows all runners. */
  RUNNERS: DurableObjectNamespace<RunnersService>;
  /** Runners in containers of Cloudflare, where they are switched on. */
  RUNNER_CONTAINERS?: DurableObjectNamespace<ContainerService>;
  /** How many of them there may be at a time, 4 by default. */
  VARVE_CONTAINERS?: string;
  /** Network of the steps that they execute: `varve runner --network`. */
  VARVE_RUNNER_NETWORK?: string;
  /** One object per cache mount of RUN, by its key. */
  CACHE_MOUNTS: DurableObjectNamespace<CacheMountService>;
  /** One object, which removes what nothing needs. */
  COLLECTOR: DurableObjectNamespace<CollectorService>;
  /** One object, which knows tokens, rules and what is public. */
  ACCESS: DurableObjectNamespace<AccessService>;
  /** One object, which sums up metrics. */
  METRICS: DurableObjectNamespace<MetricsService>;
  /** A data set of Analytics Engine, which gets a data point of each request and build. */
  ANALYTICS?: AnalyticsEngineDataset;
  /** A token that opens `/metrics` and `/v1/health`, and nothing else. */
  VARVE_METRICS_TOKEN?: string;
  /** The secret of the admin. Without one, local requests to a local server may do everything, and no others. */
  VARVE_ADMIN_TOKEN?: string;
  /** JSON: public repositories and trusted OIDC issuers, in addition to those of `PUT /v1/access`. */
  VARVE_ACCESS?: string;
  /** The token that runners need. Without it and an admin, runners on the machine of a local server need none. */
  VARVE_RUNNER_TOKEN?: string;
  /** Seconds for which RUN waits when no runner is connected. */
  VARVE_RUNNER_WAIT?: string;
  /** Bytes that a cache mount of RUN may have here, 2 GiB by default; 0 keeps none. */
  VARVE_CACHE_MOUNT_BYTES?: string;
  /** Seconds after which the process of a RUN is ended. */
  VARVE_RUN_TIMEOUT?: string;
  /** JSON, registry host → base URL of its mirror. */
  VARVE_MIRRORS?: string;
  /** "1" on a local server, which may read registries and URLs on loopback, over plain http. */
  VARVE_LOCAL?: string;
  /** "1" logs each request, "0" does not. By default a deployed server does. */
  VARVE_LOG?: string;
  /** On a local server: what its HTTP front sends with each request. Requests without it are rejected. */
  VARVE_FRONT_SECRET?: string;
}

/** What handlers find with a request. */
export interface App {
  Bindings: Env;
  Variables: {
    /** What the sender may do; not there for routes that everybody may use, and for those with tokens of their own. */
    access: RequestAccess;
  };
}
