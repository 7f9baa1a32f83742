import type { PruneReport, Usage } from "../../../schemas/usage.ts";
import type { PruneRules } from "../../garbage/run.ts";

/** What `start` returns: the report of the run that was requested, or that too many wait already. */
export type Started = { report: PruneReport } | { isFull: true };

/**
 * The object that removes what nothing needs. Each request is a run of its own with its own report; runs are executed one
 * after the other, in slices. An instance that finds an unfinished run continues it where it was interrupted.
 */
export interface CollectorService extends Rpc.DurableObjectBranded {
  /** Requests a prune. Resolves with its report when it has ended, or after a while. */
  start(rules: PruneRules, waitMilliseconds: number): Promise<Started>;
  /** The report of a run. Without an id, of the one that is being executed, or else of the last. */
  report(id?: string): Promise<PruneReport | undefined>;
  /** What the last run has counted; undefined before the first has ended. */
  usage(): Promise<Usage | undefined>;
}

export function collectorOf({ COLLECTOR }: { COLLECTOR: DurableObjectNamespace<CollectorService> }) {
  return COLLECTOR.getByName("collector");
}
