import type { PruneReport, Usage } from "../../../schemas/usage.ts";
import type { PruneRules } from "../../garbage/run.ts";
import { type Placement, single } from "../placement.ts";

/** Result of `start`: the report of the requested run, or that too many runs are waiting. */
export type StartedCollection = { report: PruneReport } | { isFull: true };

/**
 * The garbage collector's object. Each request starts a run with its own report. Runs are executed one
 * after the other, in slices. A new instance continues an interrupted run.
 */
export interface CollectorService extends Rpc.DurableObjectBranded {
  /** Requests a prune. Resolves with its report when it has ended, or after `waitMilliseconds`. */
  start(rules: PruneRules, waitMilliseconds: number): Promise<StartedCollection>;
  /** The report of a run; by default of the current run, or else of the last. */
  report(id?: string): Promise<PruneReport | undefined>;
  /** Usage that the last run counted; undefined before the first run has ended. */
  usage(): Promise<Usage | undefined>;
}

export function collectorOf(env: { COLLECTOR: DurableObjectNamespace<CollectorService> } & Placement) {
  return single(env.COLLECTOR, "collector", env);
}
