import { type Placement, singleObject } from "../placement.ts";
import type { Samples } from "./metrics.ts";

/** The object that sums the counts of all isolates. It stores the sums every ten seconds. */
export interface MetricsService extends Rpc.DurableObjectBranded {
  add(samples: Samples): Promise<void>;
  /** The sums since the server was created. */
  read(): Promise<Samples>;
}

export interface MetricsNamespace extends Placement {
  METRICS: DurableObjectNamespace<MetricsService>;
}

export function metricsObject(env: MetricsNamespace) {
  return singleObject(env.METRICS, "metrics", env);
}
