import type { PruneReport, Usage } from "../../../schemas/usage.ts";
import type { PruneRules } from "../../garbage/run.ts";
import { type Placement, singleObject } from "../placement.ts";

/** Result of `start`: the id of the requested run, or that too many runs are waiting. */
export type StartedCollection = { id: string } | { isFull: true };

/**
 * The garbage collector's object. Each request starts a run with its own report. Runs are executed one
 * after the other, in slices. A new instance continues an interrupted run.
 */
export interface CollectorService extends Rpc.DurableObjectBranded {
  /** Starts a run. A repeated call with the same `request` returns the run that the first one started. */
  start(rules: PruneRules, request: string): Promise<StartedCollection>;
  /** Waits until a run has ended, or until the time has passed. @returns its report */
  wait(id: string, milliseconds: number): Promise<PruneReport | undefined>;
  /** The report of a run; by default of the current run, or else of the last. */
  report(id?: string): Promise<PruneReport | undefined>;
  /** Usage that the last run counted; undefined before the first run has ended. */
  usage(): Promise<Usage | undefined>;
}

export function collectorOf(env: { COLLECTOR: DurableObjectNamespace<CollectorService> } & Placement) {
  return singleObject(env.COLLECTOR, "collector", env);
}
