import { DurableObject } from "cloudflare:workers";
import type { PruneReport } from "../../../schemas/usage.ts";
import type { Held } from "../../garbage/mark.ts";
import { Prune, type PruneFindings, type PruneRules, type PruneWorld } from "../../garbage/prune.ts";
import type { Env } from "../environment.ts";
import { storeOf } from "../store.ts";
import type { CollectorService, Started } from "./collector-service.ts";
import { logFault } from "./log.ts";

/** What a slice of a prune may take; a Worker has a bound on its requests to others. */
const sliceMilliseconds = 20_000;
const sliceSteps = 500;
/** Begun again so often when it is ended in the middle. */
const mostAttempts = 20;
/** Builds that may be running were begun this long ago at most. */
const runningMilliseconds = 48 * 60 * 60 * 1000;
const endOfTime = 9_999_999_999_999;

/** Runs that may wait, and finished ones whose reports are kept. */
const mostWaiting = 16;
const mostReports = 32;
const runPrefix = "run/";

/** One requested prune. */
interface Run {
  rules: PruneRules;
  report: PruneReport;
  attempts: number;
}

export class Collector extends DurableObject<Env> implements CollectorService {
  #running: { id: string; prune: Prune; steps: AsyncGenerator<void> } | undefined;
  /** Callers that wait for the end of a run, by its id. */
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  async start(rules: PruneRules, waitMilliseconds: number): Promise<Started> {
    const runs = await this.#runs();
    if (runs.filter(isUnfinished).length > mostWaiting) return { isFull: true };
    const last = runs.at(-1)?.report.id ?? "0";
    const id = String(Number(last) + 1);
    await this.#save({ rules, report: newReport(id, rules.dryRun), attempts: 0 });
    await this.#dropReports(runs);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now());
    const ended = Promise.withResolvers<void>();
    this.#waiting.set(id, ended);
    await Promise.race([ended.promise, new Promise((wake) => setTimeout(wake, waitMilliseconds))]);
    this.#waiting.delete(id);
    return { report: (await this.report(id)) as PruneReport };
  }

  async report(id?: string): Promise<PruneReport | undefined> {
    if (id !== undefined) return (await this.ctx.storage.get<Run>(runPrefix + id.padStart(12, "0")))?.report;
    const runs = await this.#runs();
    return (runs.find(isUnfinished) ?? runs.at(-1))?.report;
  }

  override async alarm(): Promise<void> {
    const run = (await this.#runs()).find(isUnfinished);
    if (run === undefined) return;
    try {
      await this.#slice(run);
    } catch (error) {
      logFault(error);
      await this.#end(run, "failed", error instanceof Error ? error.message : String(error));
    }
    if ((await this.#runs()).some(isUnfinished)) await this.ctx.storage.setAlarm(Date.now());
  }

  /** Executes a part of a run. */
  async #slice(run: Run): Promise<void> {
    const { id } = run.report;
    if (this.#running?.id !== id) {
      run.attempts += 1;
      if (run.attempts > mostAttempts)
        throw new Error(`It was started ${mostAttempts} times and never finished`);
      const prune = new Prune(this.#world(), run.rules);
      this.#running = { id, prune, steps: prune.run() };
    }
    const { prune, steps } = this.#running;
    const until = Date.now() + sliceMilliseconds;
    for (let step = 0; step < sliceSteps && Date.now() < until; step++) {
      if (!(await steps.next()).done) continue;
      await this.#end({ ...run, report: { ...run.report, ...prune.findings } }, "done");
      return;
    }
    await this.#save({ ...run, report: { ...run.report, ...prune.findings } });
  }

  async #end(run: Run, state: "done" | "failed", detail?: string): Promise<void> {
    this.#running = undefined;
    const ended = new Date().toISOString();
    const report = { ...run.report, state, ended, ...(detail !== undefined && { detail }) };
    await this.#save({ ...run, report });
    this.#waiting.get(report.id)?.resolve();
  }

  #world(): PruneWorld {
    const store = storeOf(this.env);
    const builds = this.env.BUILDS;
    return {
      store,
      async held() {
        const held = { blobs: new Set<string>(), manifests: new Set<string>(), contexts: new Set<string>() };
        for await (const { key } of store.list("builds/")) {
          const [, time = "", id = ""] = key.split("/");
          if (endOfTime - Number(time) < Date.now() - runningMilliseconds) break;
          const found: Held = await builds.getByName(id).held();
          for (const kind of ["blobs", "manifests", "contexts"] as const) {
            for (const digest of found[kind]) held[kind].add(digest);
          }
        }
        return {
          blobs: [...held.blobs],
          manifests: [...held.manifests],
          contexts: [...held.contexts],
        };
      },
      forgetBuild: (id, started) => builds.getByName(id).forget(started),
    };
  }

  /** All runs that are kept, in the order of their requests. */
  async #runs(): Promise<Run[]> {
    return [...(await this.ctx.storage.list<Run>({ prefix: runPrefix })).values()];
  }

  async #save(run: Run): Promise<void> {
    await this.ctx.storage.put(runPrefix + run.report.id.padStart(12, "0"), run);
  }

  async #dropReports(runs: readonly Run[]): Promise<void> {
    const finished = runs.filter((run) => !isUnfinished(run));
    const old = finished.slice(0, Math.max(0, finished.length - mostReports));
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
