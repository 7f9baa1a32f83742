import { DurableObject } from "cloudflare:workers";
import type { PruneReport } from "../../schemas/usage.ts";
import type { Held } from "../garbage/mark.ts";
import { Prune, type PruneFindings, type PruneRules, type PruneWorld } from "../garbage/prune.ts";
import type { Env } from "./environment.ts";
import { storeOf } from "./store.ts";

/** What a slice of a prune may take; a Worker has a bound on its requests to others. */
const sliceMilliseconds = 20_000;
const sliceSteps = 500;
/** Begun again so often when it is ended in the middle. */
const mostAttempts = 20;
/** Builds that may be running were begun this long ago at most. */
const runningMilliseconds = 48 * 60 * 60 * 1000;
const endOfTime = 9_999_999_999_999;

interface State {
  rules: PruneRules;
  report: PruneReport;
  attempts: number;
}

/**
 * Removes what nothing needs, one prune at a time, in slices. An instance that finds a prune running begins it again:
 * what was removed is not there any more.
 */
export class Collector extends DurableObject<Env> {
  #running: { prune: Prune; steps: AsyncGenerator<void> } | undefined;
  #ended = Promise.withResolvers<void>();

  /** Begins a prune unless one runs. Resolves when it has ended, or after a while. */
  async start(rules: PruneRules, waitMilliseconds: number): Promise<PruneReport> {
    const state = await this.#state();
    if (state?.report.state !== "running") {
      this.#ended = Promise.withResolvers<void>();
      await this.#save({ rules, report: newReport(rules.dryRun), attempts: 0 });
      await this.ctx.storage.setAlarm(Date.now());
    }
    await Promise.race([this.#ended.promise, new Promise((wake) => setTimeout(wake, waitMilliseconds))]);
    return ((await this.#state()) as State).report;
  }

  /** The prune that runs, or the last one. */
  async report(): Promise<PruneReport | undefined> {
    return (await this.#state())?.report;
  }

  override async alarm(): Promise<void> {
    const state = await this.#state();
    if (state === undefined || state.report.state !== "running") return;
    try {
      if (await this.#slice(state)) await this.ctx.storage.setAlarm(Date.now());
      else this.#ended.resolve();
    } catch (error) {
      console.error(error);
      const detail = error instanceof Error ? error.message : String(error);
      await this.#end(state, "failed", detail);
    }
  }

  /** Carries a part of it out; whether there is more to do. */
  async #slice(state: State): Promise<boolean> {
    if (this.#running === undefined) {
      state.attempts += 1;
      if (state.attempts > mostAttempts)
        throw new Error(`It was begun ${mostAttempts} times and never ended`);
      const prune = new Prune(this.#world(), state.rules);
      this.#running = { prune, steps: prune.run() };
    }
    const { prune, steps } = this.#running;
    const until = Date.now() + sliceMilliseconds;
    for (let step = 0; step < sliceSteps && Date.now() < until; step++) {
      if (!(await steps.next()).done) continue;
      await this.#end({ ...state, report: { ...state.report, ...prune.findings } }, "done");
      return false;
    }
    await this.#save({ ...state, report: { ...state.report, ...prune.findings } });
    return true;
  }

  async #end(state: State, how: "done" | "failed", detail?: string): Promise<void> {
    this.#running = undefined;
    const ended = new Date().toISOString();
    await this.#save({
      ...state,
      report: { ...state.report, state: how, ended, ...(detail !== undefined && { detail }) },
    });
    this.#ended.resolve();
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

  async #state(): Promise<State | undefined> {
    return this.ctx.storage.get<State>("state");
  }

  async #save(state: State): Promise<void> {
    await this.ctx.storage.put("state", state);
  }
}

function newReport(dryRun: boolean): PruneReport {
  const nothing: PruneFindings = { tags: [], manifests: [], removed: {}, total: { objects: 0, bytes: 0 } };
  return { dryRun, state: "running", started: new Date().toISOString(), ...nothing };
}

/** The one object that removes. */
export function collectorOf(env: Env): DurableObjectStub<Collector> {
  return env.COLLECTOR.getByName("collector");
}
