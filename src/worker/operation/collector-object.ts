import { DurableObject } from "cloudflare:workers";
import type { PruneReport, Usage } from "../../../schemas/usage.ts";
import type { Pins } from "../../garbage/pins.ts";
import { Prune } from "../../garbage/prune.ts";
import type { PruneFindings, PruneRules, PruneWorld } from "../../garbage/run.ts";
import { CollectorTables } from "../../garbage/tables.ts";
import { readUsage } from "../../garbage/usage.ts";
import { isRegistryUnavailable } from "../../registry/errors.ts";
import { countCalls } from "../../store/count-calls.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { isStoreBusy } from "../../store/retry.ts";
import { inTime } from "../../streams/pause.ts";
import { buildObject } from "../builds/build-service.ts";
import { pinnedByBuilds } from "../builds/running-builds.ts";
import type { Env } from "../environment.ts";
import { callObject } from "../http/object-interrupted.ts";
import { storeOf } from "../store.ts";
import type { CollectorService, StartedCollection } from "./collector-service.ts";
import { logFault } from "./log.ts";

/**
 * Limits of one slice, in time and store operations; the next alarm continues the run. One step has up to 4,000
 * operations, and an invocation may have 10,000.
 */
const SLICE_MS = 20_000;
const SLICE_OPERATIONS = 5000;
/** Attempts without progress after which a run fails. */
const MAX_ATTEMPTS = 20;
/** Pause in milliseconds after the store rejected an operation, or while a repository is locked. */
const BUSY_MS = 30_000;

/** Maximum numbers of waiting runs and of stored reports. */
const MAX_WAITING = 16;
const MAX_REPORTS = 32;
const runPrefix = "run/";

/** One requested prune. */
interface Run {
  rules: PruneRules;
  report: PruneReport;
  attempts: number;
  /** Identifies the call that started it. Runs of earlier versions have none. */
  request?: string;
}

export class Collector extends DurableObject<Env> implements CollectorService {
  #running: { id: string; prune: Prune; steps: AsyncGenerator<void>; calls: () => number } | undefined;
  /** Callers that wait for a run, by its id. */
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  async start(rules: PruneRules, request: string): Promise<StartedCollection> {
    const runs = await this.#runs();
    const known = runs.find((run) => run.request === request);
    if (known !== undefined) return { id: known.report.id };
    if (runs.filter(isUnfinished).length > MAX_WAITING) return { isFull: true };
    const last = runs.at(-1)?.report.id ?? "0";
    const id = String(Number(last) + 1);
    await this.#save({ rules, report: newReport(id, rules.dryRun), attempts: 0, request });
    await this.#dropReports(runs);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now());
    return { id };
  }

  async wait(id: string, milliseconds: number): Promise<PruneReport | undefined> {
    const ended = this.#waiting.get(id) ?? Promise.withResolvers<void>();
    this.#waiting.set(id, ended);
    const report = await this.report(id);
    if (report?.state !== "running") {
      this.#waiting.delete(id);
      return report;
    }
    await inTime(ended.promise, milliseconds, () => {});
    return this.report(id);
  }

  async report(id?: string): Promise<PruneReport | undefined> {
    if (id !== undefined) return (await this.ctx.storage.get<Run>(runPrefix + id.padStart(12, "0")))?.report;
    const runs = await this.#runs();
    return (runs.find(isUnfinished) ?? runs.at(-1))?.report;
  }

  async usage(): Promise<Usage | undefined> {
    return readUsage(new CollectorTables(this.ctx.storage.sql));
  }

  override async alarm(): Promise<void> {
    const run = (await this.#runs()).find(isUnfinished);
    if (run === undefined) return;
    let pause = 0;
    try {
      await this.#slice(run);
    } catch (error) {
      this.#running = undefined;
      if ((isStoreBusy(error) || isRegistryUnavailable(error)) && run.attempts < MAX_ATTEMPTS) {
        pause = BUSY_MS;
      } else {
        logFault(error);
        await this.#end(run, "failed", error instanceof Error ? error.message : String(error));
      }
    }
    if ((await this.#runs()).some(isUnfinished)) await this.ctx.storage.setAlarm(Date.now() + pause);
  }

  /** Executes one slice of a run. */
  async #slice(run: Run): Promise<void> {
    const { id } = run.report;
    if (this.#running?.id !== id) {
      run.attempts += 1;
      if (run.attempts > MAX_ATTEMPTS)
        throw new Error(`It was started ${MAX_ATTEMPTS} times and did not advance`);
      await this.#save(run);
      const { store, calls } = countCalls(storeOf(this.env));
      const prune = new Prune(this.#world(store), run.rules, this.ctx.storage.sql, id);
      this.#running = { id, prune, steps: prune.run(), calls };
    }
    const { prune, steps, calls } = this.#running;
    const until = Date.now() + SLICE_MS;
    const before = calls();
    while (Date.now() < until && calls() - before < SLICE_OPERATIONS) {
      if (!(await steps.next()).done) continue;
      await this.#end({ ...run, report: { ...run.report, ...prune.findings } }, "done");
      return;
    }
    await this.#save({ ...run, attempts: 0, report: { ...run.report, ...prune.findings } });
  }

  async #end(run: Run, state: "done" | "failed", detail?: string): Promise<void> {
    this.#running = undefined;
    const ended = new Date().toISOString();
    const report = { ...run.report, state, ended, ...(detail !== undefined && { detail }) };
    await this.#save({ ...run, report });
    this.#waiting.get(report.id)?.resolve();
    this.#waiting.delete(report.id);
  }

  #world(store: ObjectStore): PruneWorld {
    const build = (id: string) => buildObject(this.env, id);
    return {
      store,
      held: () => pinnedByBuilds(store, (id) => ({ held: () => callObject<Pins>(() => build(id).held()) })),
      forgetBuild: (id, started) => callObject(() => build(id).forget(started)),
    };
  }

  /** All stored runs, in the order of their requests. */
  async #runs(): Promise<Run[]> {
    return [...(await this.ctx.storage.list<Run>({ prefix: runPrefix })).values()];
  }

  async #save(run: Run): Promise<void> {
    await this.ctx.storage.put(runPrefix + run.report.id.padStart(12, "0"), run);
  }

  async #dropReports(runs: readonly Run[]): Promise<void> {
    const finished = runs.filter((run) => !isUnfinished(run));
    const old = finished.slice(0, Math.max(0, finished.length - MAX_REPORTS));
    await this.ctx.storage.delete(old.map(({ report }) => runPrefix + report.id.padStart(12, "0")));
  }
}

function isUnfinished({ report }: Run): boolean {
  return report.state === "running";
}

function newReport(id: string, dryRun: boolean): PruneReport {
  const nothing: PruneFindings = { tags: [], manifests: [], removed: {}, total: { objects: 0, bytes: 0 } };
  return { id, dryRun, state: "running", started: new Date().toISOString(), ...nothing };
}
